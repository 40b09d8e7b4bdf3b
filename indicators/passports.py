"""Each number with its passport: definition, figures, target and limits, light, sources. Page, interface, workbook and
review are made from these rows and from nothing else."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from indicators import lights, plain_words
from indicators.catalogue import INDICATORS, Indicator
from indicators.models import IndicatorValue, Run, Target
from villages.models import Fact

M2_PER_HA = 10_000

GROUPS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "protection": (_("Protected land and cropland"), ("1", "2", "3", "8", "9", "29", "30", "32", "T12")),
    "land": (_("Construction land"), ("4", "5", "6", "T4", "T5", "12", "24", "25", "26", "27", "28", "31")),
    "people": (_("Homes and land per person"), ("7", "10", "11", "13", "23")),
    "services": (_("Roads, services and green space"), ("14", "15", "16", "17", "18", "19", "20", "21", "22")),
    "worth": (_("Economy and ecology"), ("33a", "33b", "34a", "34b")),
    "other": (_("Other"), ()),
}
"""How the page groups indicators, by code of the catalogue; one that is in no group stands last."""

LIGHTS = {
    "kept": _("Kept"),
    "near": _("Near the limit"),
    "missed": _("Missed"),
    "none": _("No target"),
}

INPUTS = {
    "plan": _("planned zones"),
    "base": _("base-year parcels"),
    "lines": _("control lines"),
    "roads": _("roads"),
    "corridors": _("railways, power lines, pipelines and rivers"),
    "facilities": _("public facilities"),
    "households": _("households"),
    "projects": _("projects"),
    "features": _("other layers of the plan file"),
    "village.geom": _("outline of the village"),
    "village.area_m2": _("area of the village"),
    "village.population": _("registered population"),
    "village.resident_population": _("resident population"),
    "village.households": _("number of households"),
    "village.type": _("type of the village"),
    "village.terrain": _("terrain"),
    "village.target_year": _("target year"),
    "village.base_year": _("base year"),
}

COUNTED = {
    **plain_words.UNITS,
    "person": _("persons"),
    "household": _("households"),
    "t": _("t"),
}
"""Units of numerators and denominators that are words."""

PARTS = {
    # kinds of facility of the living circle
    "committee": _("Village office"),
    "clinic": _("Clinic"),
    "culture": _("Culture room"),
    "fitness": _("Sports ground"),
    "kindergarten": _("Nursery, kindergarten"),
    "elderly": _("Care for the elderly"),
    "shop": _("Market, post"),
    "bus": _("Bus stop"),
    "toilet": _("Public toilet"),
    "waste": _("Waste collection"),
    "shelter": _("Emergency shelter"),
    # ecosystems and covers
    "dry_cropland": _("Dry cropland"),
    "paddy": _("Paddy field"),
    "conifer": _("Conifer forest"),
    "mixed_forest": _("Mixed forest"),
    "broadleaf": _("Broadleaf forest"),
    "shrub": _("Shrub land"),
    "steppe": _("Steppe"),
    "shrub_grass": _("Shrub and grass"),
    "meadow": _("Meadow"),
    "wetland": _("Wetland"),
    "desert": _("Desert"),
    "bare": _("Bare ground"),
    "water": _("Water"),
    "glacier": _("Glacier and snow"),
    "cropland": _("Cropland"),
    "orchard": _("Orchard"),
    "arbor": _("Arbor forest"),
    "bamboo": _("Bamboo"),
    "grass": _("Grassland"),
    "construction": _("Construction land"),
    "without_water": _("Sum without water"),
}
"""Parts of values made of several, by `key`; the Chinese names come with the rule."""

PART_COLUMNS = {
    "base_value": _("Base year"),
    "value": _("Plan"),
    "area_m2": _("Area, ha"),
    "facilities": _("Facilities"),
    "weight": _("Weight"),
}


@dataclass(frozen=True)
class Passport:
    """An indicator of a run with everything that is said about it."""

    figure: plain_words.Figure
    value: IndicatorValue
    indicator: Indicator
    # medians of township and county, indicators.comparison
    township: Any = None
    county: Any = None
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.value.code

    @property
    def light(self) -> str:
        return self.figure.light

    @property
    def light_text(self) -> str | Promise:
        if self.figure.value is None:
            return _("Not known")
        return light_text(self.light, self.figure.bound)

    @property
    def change(self) -> float | None:
        return self.figure.change

    @property
    def change_pct(self) -> float | None:
        return None if self.change is None or not self.figure.base else self.change / abs(self.figure.base) * 100

    @property
    def inputs(self) -> list[tuple[str | Promise, str]]:
        """What it was made from, with the digest of the content that was read."""
        return [(input_name(name), self.digests.get(name, "")[:12]) for name in self.indicator.inputs]

    @property
    def numerator_unit(self) -> str | Promise:
        return self._counted("numerator_unit")

    @property
    def denominator_unit(self) -> str | Promise:
        return self._counted("denominator_unit")

    def _counted(self, key: str) -> str | Promise:
        unit = self.value.sources.get(key, "")
        return COUNTED.get(unit, unit)

    @property
    def scale_text(self) -> str:
        """The factor of the formula as people write it: ÷ 10,000 or × 100."""
        scale = self.indicator.scale
        if scale == 1:
            return ""
        return f"÷ {1 / scale:,.0f}" if scale < 1 else f"× {scale:,.0f}"

    @property
    def sample(self) -> bool:
        """Whether the target or the limit it is held to is a sample that nobody checked against an official text."""
        bound = self.figure.bound
        if bound and bound.origin == "target":
            return "示例" in self.figure.target.source
        return bool(bound and self.value.rule.get("sample"))

    @property
    def rule_source(self) -> str:
        """Where the deciding bound is from: the document of the target, or that of the profile."""
        bound = self.figure.bound
        if bound and bound.origin == "target":
            return self.figure.target.source
        return self.value.rule.get("source", "") if bound else ""

    @property
    def parts(self) -> dict[str, Any] | None:
        """The parts of a value as a table: heads and rows of (name, figures); None where it has none."""
        parts = [part for part in self.value.parts if isinstance(part, dict)]
        columns = [name for name in PART_COLUMNS if any(name in part for part in parts)]
        if not parts:
            return None
        rows = [(part_name(part), [figure_of(part, name) for name in columns]) for part in parts]
        return {"heads": [PART_COLUMNS[name] for name in columns], "rows": rows}

    @property
    def has_map(self) -> bool:
        return self.indicator.shown is not None


def light_text(light: lights.Light, bound: lights.Bound | None) -> str | Promise:
    """A light in words: a limit is near; a floor that is only expected is nearly reached."""
    if light == "near" and bound and bound.kind == "at_least":
        return _("Nearly reached")
    return LIGHTS[light]


def part_name(part: dict[str, Any]) -> str:
    """The Chinese name as the rule has it; its translation in any other language."""
    key, name = part.get("key", ""), part.get("name_zh", "")
    return str(PARTS.get(key, name or key)) if get_language() == "en" or not name else name


def figure_of(part: dict[str, Any], column: str) -> dict[str, Any]:
    """A figure of a part, areas in ha, and whether it is counted rather than measured."""
    figure = part.get(column)
    return {
        "figure": figure / M2_PER_HA if column == "area_m2" and figure is not None else figure,
        "counted": column in ("facilities", "weight"),
    }


def input_name(name: str) -> str | Promise:
    """What an input is called; facts of a village by their own names."""
    if name in INPUTS:
        return INPUTS[name]
    code = name.removeprefix("village.")
    return Fact.Code(code).label if code in Fact.Code.values else name


def of_run(run: Run, compared: dict[str, Any] | None = None) -> list[Passport]:
    """The indicators of a run in the order of the catalogue."""
    targets = {t.code: t for t in Target.objects.filter(village=run.version.plan.village_id)}
    values = {v.code: v for v in run.values.all()}
    digests = digests_of(run)
    return [_passport(values[code], targets.get(code), digests, compared) for code in INDICATORS if code in values]


def of_code(run: Run, code: str, compared: dict[str, Any] | None = None) -> Passport | None:
    """One indicator of a run; None if the run has no such number."""
    value = next((v for v in run.values.all() if v.code == code and code in INDICATORS), None)
    if value is None:
        return None
    target = Target.objects.filter(village=run.version.plan.village_id, code=code).first()
    return _passport(value, target, digests_of(run), compared)


def _passport(value: IndicatorValue, target: Target | None, digests: dict[str, str], compared: Any) -> Passport:
    medians = (compared or {}).get(value.code, {})
    figure = plain_words.figure(value, target)
    return Passport(
        figure, value, INDICATORS[value.code], medians.get("township"), medians.get("county"), digests=digests
    )


def digests_of(run: Run) -> dict[str, str]:
    """Digest of each input as it was when the run was made."""
    inputs = run.sources.get("inputs")
    return {str(k): str(v) for k, v in inputs.items()} if isinstance(inputs, dict) else {}


def by_group(rows: list[Passport]) -> list[tuple[str | Promise, list[Passport]]]:
    """Rows in the groups of the page; a group without a row is left out."""
    group_of = {code: name for name, (_label, codes) in GROUPS.items() for code in codes}
    sorted_in: dict[str, list[Passport]] = {name: [] for name in GROUPS}
    for row in rows:
        own = getattr(row.indicator, "group", "") or group_of.get(row.code, "other")
        sorted_in[own if own in sorted_in else "other"].append(row)
    return [(GROUPS[name][0], found) for name, found in sorted_in.items() if found]


def counts(rows: list[Passport]) -> dict[str, int]:
    """How many lights of each kind; values that are not known are counted apart."""
    found = {"kept": 0, "near": 0, "missed": 0, "none": 0, "unknown": 0}
    for row in rows:
        found["unknown" if row.figure.value is None else row.light] += 1
    return found
