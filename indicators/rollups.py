"""Figures of a township, county, city or province, made of those of its villages (汇总): areas and counts are added up,
ratios are divided anew from the sums, and no ratio is ever averaged.

    value = Σ numerator / Σ denominator · scale; without denominators Σ value

A village without a value (no population on record, no line) is left out of both sums and named.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.utils.functional import Promise

from indicators import lights, passports
from indicators.catalogue import INDICATORS, NOTES, Indicator
from indicators.digests import digest_of
from indicators.plain_words import UNITS
from planning import freshness
from planning.models import DECIDED, ENDED, PlanVersion
from portal.geo import sql
from portal.models import User
from portal.models.accounts import division_prefix
from portal.rules import STAFF, has_role
from villages.models import Division

IN_FORCE, NEWEST = "in_force", "newest"
NAMES = 50
"""villages named in a list; how many more there are is told"""
WEIGHTS = {"33b": "population"}
"""figures of statistics that are means of people already: weighted by these (registered population)"""
FEW, MOST, KEEP_SECONDS = 100, 2000, 30
"""versions that are asked each time whether they are out of date; that are asked at all; how long the answer is kept"""
ADDING = [code for code, indicator in INDICATORS.items() if indicator.unit == "ha"]
"""indicators whose issued targets add up"""


@dataclass(frozen=True)
class Row:
    """One indicator of a division. `villages` have a value, `without` have none (the first of them named, with the reason),
    `otherwise` were measured in other units that do not add up with these."""

    indicator: Indicator
    value: float | None
    base_value: float | None
    change: float | None
    numerator: float | None
    numerator_unit: str
    denominator: float | None
    denominator_unit: str
    base_numerator: float | None
    base_denominator: float | None
    villages: int
    without: int
    named: list[dict[str, str]]
    otherwise: int
    targets: "Targets | None"

    @property
    def unit(self) -> str:
        """The unit in the reader's language."""
        return str(UNITS.get(self.indicator.unit, self.indicator.unit))


@dataclass(frozen=True)
class Targets:
    """The sum of the targets issued to `villages` beside what these have `reached`: both are sums of figures to two decimals,
    as each village is judged and as the tables of the villages add up."""

    villages: int
    value: float
    reached: float
    light: lights.Light
    light_text: str | Promise
    met: bool | None


@dataclass(frozen=True)
class Rollup:
    """The figures of a division: `judged` of its `villages` count, `in_force` of them with a plan that was approved and binds."""

    division: Division
    plans: str
    drafts: bool
    villages: int
    judged: int
    in_force: int
    area_m2: float
    left_out: list[dict[str, str]]
    stale: int | None  # villages whose results are out of date; None where they are too many to ask
    rows: list[Row]
    structure: list[dict[str, Any]]
    changes: list[dict[str, Any]]


def rollup(
    division: Division, user: User, *, plans: str = IN_FORCE, values: bool = True, tables: bool = True
) -> Rollup:
    """What a reader may see of a division: versions opened to the public, and for its staff drafts as well.

    `plans`: of each village the version in force, else the newest that was judged; or always the newest.
    """
    drafts = has_role(user, STAFF, division.code)
    (text,) = sql.row(
        "indicators/rollup", under=f"{division_prefix(division.code)}%", drafts=drafts, in_force=plans == IN_FORCE,
        names=NAMES, most=MOST, values=values, tables=tables, weights=json.dumps(WEIGHTS), adding=ADDING, decided=list(DECIDED), ended=list(ENDED),
    )  # fmt: skip
    found = json.loads(text)
    return Rollup(
        division, plans, drafts, found["villages"], found["judged"], found["in_force"], found["area_m2"] or 0.0,
        found["left_out"], stale_count(found["versions"]), rows_of(found["sums"] or [], found["without"] or []),
        [in_hectares(row) for row in found["structure"] or []], found["changes"] or [],
    )  # fmt: skip


def stale_count(versions: list[str] | None) -> int | None:
    """How many of these versions are out of date; for more than a township's, asked twice a minute at most."""
    if versions is None:
        return None
    key = f"rollup-stale:{digest_of(versions)}"
    count = cache.get(key) if len(versions) > FEW else None
    if count is None:
        count = len(freshness.stale_among(PlanVersion.objects.filter(pk__in=versions).only("checked_at")))
        cache.set(key, count, KEEP_SECONDS)
    return count


def rows_of(sums: list[dict[str, Any]], without: list[dict[str, Any]]) -> list[Row]:
    """Rows in the order of the catalogue. What was measured in different units (hardened roads by length or by household)
    does not add up: the units of most villages count, and the others are told."""
    missing = {row["code"]: row for row in without}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in sums:
        found.setdefault(row["code"], []).append(row)
    return [
        row_of(indicator, found.get(code, []), missing.get(code))
        for code, indicator in INDICATORS.items()
        if code in found or code in missing
    ]


def row_of(indicator: Indicator, sums: list[dict[str, Any]], missing: dict[str, Any] | None) -> Row:
    s = sums[0] if sums else {}
    scale = indicator.scale
    value = quotient(s, "", scale) if s.get("villages") else None
    base = quotient(s, "base_", scale) if s.get("base_villages") else None
    both = [quotient(s, prefix, scale) for prefix in ("both_", "both_base_")] if s.get("both_villages") else [None]
    return Row(
        indicator, value, base, None if None in both else both[0] - both[1],
        s.get("numerator"), s.get("numerator_unit", ""), s.get("denominator"), s.get("denominator_unit", ""),
        s.get("base_numerator"), s.get("base_denominator"), s.get("villages", 0),
        missing["villages"] if missing else 0, [noted(row) for row in missing["named"]] if missing else [],
        sum(other["villages"] for other in sums[1:]), targets_of(indicator, s["held"]) if s.get("held") else None,
    )  # fmt: skip


def targets_of(indicator: Indicator, held: list[tuple[float, float, bool, Any]]) -> Targets:
    """Value, target, whether it binds, and share within which a value is near it, of each village: as one.

    The sum is near its target within what is near in the villages together, and binds if each of them binds, so that
    no sum is red where no village is.
    """
    values, issued = (sum(round(row[n], lights.PLACES) for row in held) for n in (0, 1))
    little = sum(lights.near_of({"near": near}) * abs(target) for _value, target, _binding, near in held)
    bounds = lights.bounds(issued, None, indicator.better, binding=all(row[2] for row in held))
    light = lights.light(values, bounds, little / abs(issued) if issued else 0.0)
    text = passports.light_text(light, bounds[0] if bounds else None)
    return Targets(len(held), issued, values, light, text, lights.met(values, bounds))


def quotient(s: dict[str, Any], prefix: str, scale: float) -> float | None:
    """Σ numerator / Σ denominator · scale, or the sum of values that have no denominator."""
    above, below = s[f"{prefix}numerator"], s[f"{prefix}denominator"]
    if s["denominator"] is None:
        return s[f"{prefix}total"]
    return above / below * scale if below and above is not None else None


def noted(row: dict[str, str]) -> dict[str, str]:
    return {**row, "note": str(NOTES.get(row["note"], row["note"]))}


def in_hectares(row: dict[str, Any]) -> dict[str, Any]:
    return {"code": row["code"], "base_ha": row["base_m2"] / 10_000, "plan_ha": row["plan_m2"] / 10_000}
