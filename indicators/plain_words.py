"""What a version means, in words for residents: changes of land, indicators against base year and target, conflicts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators import lights
from indicators.catalogue import INDICATORS, NOTES
from indicators.models import IndicatorValue, Run, StructureRow, Target
from planning import conflicts
from planning.maps import UNKNOWN_COLOUR, classes
from planning.models import Finding, PlanVersion, Waiver

TOLD_FROM_M2 = 100  # a change below a hundredth of a hectare is left out: it is the width of a drawn line
FINER = ("07",)  # housing is told by its second level: 宅基地 (0703) is the word residents know

UNITS = {
    "ha": _("ha"),
    "m²/person": _("m² per person"),
    "m²/household": _("m² per household"),
    "site": _("sites"),
    "yuan": _("yuan"),
    "10,000 yuan": _("10,000 yuan"),
    "yuan/a": _("yuan a year"),
    "tC": _("t of carbon"),
}

CATEGORIES = {
    Finding.Category.REAL: _("A real conflict. Where its rule blocks, the plan cannot be approved while it stands."),
    Finding.Category.EXCEPTION: _(
        "It would be a real conflict, but two officials of the county have allowed it, with the reason and the document below."
    ),
    Finding.Category.LEGACY: _("It was there before this plan. The plan neither made it nor makes it larger."),
    Finding.Category.TECHNICAL: _(
        "Two drawn lines do not fit exactly: less than 100 m², or narrower than one metre. Nothing real stands behind it."
    ),
}


@dataclass(frozen=True)
class Change:
    """A class that grows or shrinks, in m²."""

    name: str
    colour: str
    base_m2: float
    plan_m2: float

    @property
    def grows(self) -> bool:
        return self.plan_m2 > self.base_m2

    @property
    def difference_m2(self) -> float:
        return abs(self.plan_m2 - self.base_m2)


@dataclass(frozen=True)
class Figure:
    """An indicator as a page shows it, held to what was issued to the village and to the limits of the rules."""

    code: str
    name: str | Promise
    unit: str | Promise
    value: float | None
    base: float | None
    note: str | Promise
    target: Target | None
    better: str | None
    binding: bool = False
    bounds: tuple[lights.Bound, ...] = ()
    near: float = 0.0

    @property
    def light(self) -> lights.Light:
        return lights.light(self.value, self.bounds, self.near)

    @property
    def met(self) -> bool | None:
        """Whether target and limits are kept, to the two decimals in which targets are issued; None if there are none."""
        return lights.met(self.value, self.bounds)

    @property
    def change(self) -> float | None:
        """Value less base value; None if either is not known."""
        return None if self.value is None or self.base is None else self.value - self.base

    @property
    def bound(self) -> lights.Bound | None:
        """The bound that decides: the one with the least room."""
        if self.value is None:
            return self.bounds[0] if self.bounds else None
        return min(self.bounds, key=lambda bound: bound.room(self.value), default=None)


@dataclass(frozen=True)
class ConflictGroup:
    """Findings of one check and category together."""

    name: str
    law: str
    category: str
    category_name: str | Promise
    explanation: str | Promise
    count: int
    area_m2: float
    zones: list[int]
    waivers: list[Waiver]


def told_as(code: str) -> str:
    """The code under which a leaf class is told to residents."""
    return code[:4] if code[:2] in FINER else code[:2]


def changes(rows: Iterable[StructureRow]) -> list[Change]:
    """Classes that grow or shrink, largest change first; what stays the same is left out."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        pair = sums[told_as(row.code)]
        pair[0] += row.base_m2
        pair[1] += row.plan_m2
    known = classes(sums)
    found = [
        Change(known[code].name if code in known else code, known[code].colour if code in known else UNKNOWN_COLOUR, base, plan)
        for code, (base, plan) in sums.items()
        if abs(plan - base) >= TOLD_FROM_M2
    ]  # fmt: skip
    return sorted(found, key=lambda change: -change.difference_m2)


def figures(run: Run) -> list[Figure]:
    """The indicators of a run in the order of the catalogue, with what was issued to the village."""
    targets = {t.code: t for t in Target.objects.filter(village=run.version.plan.village)}
    values = {v.code: v for v in run.values.all()}
    return [figure(values[code], targets.get(code)) for code in INDICATORS if code in values]


def figure(value: IndicatorValue, target: Target | None) -> Figure:
    indicator = INDICATORS[value.code]
    binding = target.binding if target else value.rule.get("binding", indicator.binding) == "binding"
    return Figure(
        code=value.code,
        name=indicator.name,
        unit=UNITS.get(value.unit, value.unit),
        value=value.value,
        base=value.base_value,
        note=NOTES.get(value.note, value.note),
        target=target,
        better=indicator.better,
        binding=binding,
        bounds=tuple(lights.bounds(target and target.value, value.rule, indicator.better, binding=binding)),
        near=lights.near_of(value.rule),
    )


TOLD_FIGURES = 8


def telling(figures: Iterable[Figure], most: int = TOLD_FIGURES) -> list[Figure]:
    """The few figures a resident should read first: what is missed, what is near its limit, what binds and has a target,
    then what changes most against the base year; what is not known is left out."""
    known = [figure for figure in figures if figure.value is not None]

    def rank(figure: Figure) -> tuple[int, bool, bool, float]:
        change = abs(figure.change / figure.base) if figure.change is not None and figure.base else 0.0
        light = lights.ORDER.index(figure.light)
        return (min(light, 2) if figure.bounds else 3, not figure.binding, figure.target is None, -change)

    return sorted(known, key=rank)[:most]


def conflict_groups(version: PlanVersion) -> list[ConflictGroup]:
    """Findings by check and category, real conflicts first; what is only for the record is no conflict and left out, and
    what households have is nobody else's business."""
    order = list(CATEGORIES)
    findings = told(version)
    by = ("code", "category", "severity")
    rows = findings.order_by().values(*by).annotate(count=Count("pk"), area=Sum("area_m2"))
    zones: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for *key, number in findings.order_by("zone__number").values_list(*by, "zone__number").distinct():
        if number is not None:
            zones[tuple(key)].append(number)
    waivers = waivers_by_check(version)
    groups = [
        ConflictGroup(
            name=conflicts.name(row["code"]),
            law=conflicts.law(row["code"]),
            category=row["category"],
            category_name=Finding.Category(row["category"]).label,
            explanation=explanation(row["category"], row["severity"]),
            count=row["count"],
            area_m2=row["area"],
            zones=zones[row["code"], row["category"], row["severity"]],
            waivers=waivers[row["code"]] if row["category"] == Finding.Category.EXCEPTION else [],
        )
        for row in sorted(rows, key=lambda row: row["severity"])
    ]
    return sorted(groups, key=lambda g: (order.index(g.category), g.name))


def told(version: PlanVersion) -> QuerySet[Finding]:
    """Findings that are told in public: neither remarks nor what names a household."""
    return version.findings.exclude(severity=Finding.Severity.INFO).exclude(code__in=conflicts.PERSONAL)


def explanation(category: str, severity: str) -> str | Promise:
    """What a category means for the plan; a real conflict stops it only where its rule blocks."""
    if category == Finding.Category.REAL and severity != Finding.Severity.BLOCK:
        return _("A warning. It does not stop the plan; whoever reviews it has to weigh it.")
    return CATEGORIES[category]


def waivers_by_check(version: PlanVersion) -> dict[str, list[Waiver]]:
    """The exceptions that cover conflicts of a version, by check."""
    found: dict[str, list[Waiver]] = defaultdict(list)
    covering = Waiver.objects.filter(findings__version=version).distinct().defer("geom").order_by("decided_at", "pk")
    for waiver in covering:
        found[waiver.code].append(waiver)
    return found
