"""Village types and base-year facts: plausible figures, marked 演示数据."""

from __future__ import annotations

import numpy as np

from villages.demo.records import DivisionRow, FactRow

YEAR = 2020  # base year of the plans, and census year
INCOME_YEAR = 2023
SUBURBS = ("370983001", "370983002", "370983003")  # 新城, 老城, 王瓜店
TYPES = ("JJTS", "CJRH", "TSBH", "BQCB", "QT")
RURAL, SUBURBAN = (0.52, 0.03, 0.06, 0.07, 0.32), (0.30, 0.45, 0.03, 0.05, 0.17)

# 户籍人口, 常住人口, 户数, 集体收入 (万元), 人均可支配收入 (元)
KNOWN = {
    "370983101204": ("JJTS", 1286, 1052, 436, 86.4, 26850),
    "370983108216": ("TSBH", 968, 702, 342, 64.0, 24300),
}

# 通自来水、污水得到处理、使用卫生厕所、硬化道路通达 (户), 垃圾产生量、处理量 (吨), 避难场所、建设边界内乔木覆盖 (平方米), 遗产 (处), 机动指标 (平方米)
SERVICES = {
    "370983101204": (431, 262, 398, 419, 345, 331, 2400, 16500, 1, 6200),
    "370983108216": (342, 154, 287, 318, 228, 214, 1800, 9800, 6, 3600),
}
SERVED = (
    ("piped_water_households", "户"), ("sewage_households", "户"), ("toilet_households", "户"),
    ("road_access_households", "户"), ("waste_generated_t", "吨"), ("waste_treated_t", "吨"), ("shelter_m2", "平方米"),
    ("tree_cover_m2", "平方米"), ("heritage_sites", "处"), ("flex_quota_m2", "平方米"),
)  # fmt: skip
HILLS = 0.45  # share of the country villages that lie on hills


def village_types(rows: list[DivisionRow], seed: int) -> dict[str, str]:
    """One type per village; towns' communities are mostly 城郊融合."""
    rng = np.random.default_rng([seed, 10])
    drawn = {r.code: str(rng.choice(TYPES, p=SUBURBAN if r.code[:9] in SUBURBS else RURAL)) for r in rows}
    communities = {r.code: "CJRH" for r in rows if r.display.endswith("社区")}
    return drawn | communities | {code: known[0] for code, known in KNOWN.items()}


def village_terrains(rows: list[DivisionRow], seed: int) -> dict[str, str]:
    """Suburb around the county seat, plain and hills elsewhere; the two complete villages lie at the foot of hills."""
    rng = np.random.default_rng([seed, 12])
    drawn = {r.code: "hill" if rng.random() < HILLS else "plain" for r in rows}
    town = {r.code: "suburb" for r in rows if r.code[:9] in SUBURBS}
    return drawn | town | dict.fromkeys(KNOWN, "hill")


def village_facts(rows: list[DivisionRow], seed: int) -> dict[str, tuple[FactRow, ...]]:
    """Population and households for every village; the two complete ones have a few more."""
    rng = np.random.default_rng([seed, 11])
    return {row.code: _complete(row.code) if row.code in KNOWN else _plain(rng, row) for row in rows}


def _plain(rng: np.random.Generator, row: DivisionRow) -> tuple[FactRow, ...]:
    town = row.display.endswith("社区")
    people = round(float(rng.lognormal(np.log(2600 if town else 1280), 0.42)))
    living = round(people * float(rng.uniform(0.95, 1.35) if town else rng.uniform(0.62, 0.93)))
    homes = round(people / float(rng.uniform(2.7, 3.3)))
    return _people(people, living, homes)


def _complete(code: str) -> tuple[FactRow, ...]:
    _, people, living, homes, collective, income = KNOWN[code]
    return (
        *_people(people, living, homes),
        FactRow("collective_income", collective, "万元", INCOME_YEAR),
        FactRow("disposable_income", income, "元", INCOME_YEAR),
        *(FactRow(name, value, unit, YEAR) for (name, unit), value in zip(SERVED, SERVICES[code], strict=True)),
    )


def _people(people: int, living: int, homes: int) -> tuple[FactRow, ...]:
    return (
        FactRow("population", people, "人", YEAR),
        FactRow("resident_population", living, "人", YEAR),
        FactRow("households", homes, "户", YEAR),
    )
