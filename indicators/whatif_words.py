"""A what-if in plain words and rows, in the language of whoever reads it; page, API and command say the same."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from indicators import lights, plain_words
from indicators.catalogue import INDICATORS
from indicators.models import WhatIf
from indicators.passports import LIGHTS
from planning import conflicts, maps
from planning.models import Finding
from portal.models import User
from portal.templatetags.portal import area, number
from villages.rules import may_see_base_data

TOLD_FIGURES = 4
"""indicators told in a sentence; the table has all"""
TOLD_LAND = 4
NEXT = gettext_lazy(
    "The village committee answers the comment. This is a calculation, not a decision: the plan stays as it is."
)
ANSWERED = gettext_lazy(
    "The comment was answered; the answer stands below it. This is a calculation, not a decision: the plan stays as it is."
)
KINDS = {
    "gone": gettext_lazy("would disappear"),
    "new": gettext_lazy("would appear"),
    "smaller": gettext_lazy("would become smaller"),
    "larger": gettext_lazy("would become larger"),
}
VERDICTS = {
    "better": gettext_lazy("better"),
    "worse": gettext_lazy("worse"),
    "other": gettext_lazy("different"),
    "same": gettext_lazy("as it was"),
}
SIGNS = {"at_least": "≥", "at_most": "≤"}


@dataclass(frozen=True)
class ConflictRow:
    """A conflict that the change makes, ends, or makes smaller or larger."""

    code: str
    kind: str
    kind_text: str
    name: str
    law: str
    severity: str
    category: str
    category_text: str
    reasons: str
    before_m2: float
    after_m2: float
    zones: list[int]

    @property
    def good(self) -> bool:
        return self.kind in ("gone", "smaller")


@dataclass(frozen=True)
class FigureRow:
    """An indicator before and after; `bounds` is what it is held to, in signs."""

    code: str
    name: str
    unit: str
    before: float | None
    after: float | None
    delta: float | None
    verdict: str
    verdict_text: str
    light_before: str
    light_after: str
    light_text: str
    bounds: str
    binding: bool

    @property
    def arrow(self) -> str:
        """up, down, or nothing where the two decimals stay."""
        change = 0.0 if self.delta is None else round(self.delta, lights.PLACES)
        return "up" if change > 0 else "down" if change < 0 else ""

    @property
    def light_changes(self) -> bool:
        return self.light_before != self.light_after


@dataclass(frozen=True)
class MovedRow:
    """Land by what the plan says now; `base` is what it is in the base year, for those who may know."""

    before: str
    before_code: str
    m2: float
    base: str = ""
    base_code: str = ""


@dataclass(frozen=True)
class Told:
    """Everything a reader is told of a computed what-if."""

    name: str
    colour: str
    area_m2: float
    sentences: list[str]
    moved: list[MovedRow]
    conflicts: list[ConflictRow]
    record: list[ConflictRow]
    figures: list[FigureRow]
    same: int
    not_checked: list[str] = field(default_factory=list)

    @property
    def changed_figures(self) -> list[FigureRow]:
        return [row for row in self.figures if row.verdict != "same"]


def tell(what_if: WhatIf, reader: User) -> Told:
    """A computed what-if for a reader; what the land is in the base year only who may see base data is told."""
    return tell_all(what_if, open_data=may_see_base_data(reader, what_if.division_code))


def tell_all(what_if: WhatIf, *, open_data: bool) -> Told:
    """The same for whoever may see base data, or may not."""
    result = what_if.result
    codes = {what_if.code, *(row[side] for row in result["moved"] for side in ("base", "before") if row[side])}
    known = maps.classes(codes)
    names = {code: known[code].name if code in known else code for code in codes}
    rows = [conflict_row(row) for row in result["conflicts"]]
    told = [row for row in rows if row.severity != Finding.Severity.INFO]
    figures = [figure_row(row) for row in result["indicators"] if row["code"] in INDICATORS]
    return Told(
        name=names[what_if.code],
        colour=known[what_if.code].colour if what_if.code in known else maps.UNKNOWN_COLOUR,
        area_m2=result["area_m2"],
        sentences=[
            *land(result["moved"], what_if.code, names, open_data=open_data),
            *of_conflicts(told),
            *of_figures(figures),
        ],
        moved=moved_rows(result["moved"], names, open_data=open_data),
        conflicts=told,
        record=[row for row in rows if row.severity == Finding.Severity.INFO],
        figures=figures,
        same=sum(row.verdict == "same" for row in figures),
        not_checked=[conflicts.name(code) for code in result["not_checked"]],
    )


def what_next(what_if: WhatIf) -> str | Promise:
    return ANSWERED if what_if.comment.replies.exists() else NEXT


def class_name(code: str) -> str:
    known = maps.classes([code])
    return known[code].name if code in known else code


# --- rows


def conflict_row(row: dict[str, Any]) -> ConflictRow:
    code = row["code"]
    return ConflictRow(
        code=code, kind=row["kind"], kind_text=str(KINDS[row["kind"]]), name=conflicts.name(code), law=conflicts.law(code),
        severity=row["severity"], category=row["category"], category_text=str(Finding.Category(row["category"]).label),
        reasons=conflicts.reasons(row["detail"]), before_m2=row["before_m2"], after_m2=row["after_m2"], zones=row["zones"],
    )  # fmt: skip


def figure_row(row: dict[str, Any]) -> FigureRow:
    unit = plain_words.UNITS.get(row["unit"], row["unit"])
    text = LIGHTS[row["light_after"]] if row["after"] is not None else gettext_lazy("Not known")
    return FigureRow(
        code=row["code"], name=INDICATORS[row["code"]].name, unit=str(unit), before=row["before"], after=row["after"],
        delta=row["delta"], verdict=row["verdict"], verdict_text=str(VERDICTS[row["verdict"]]),
        light_before=row["light_before"], light_after=row["light_after"], light_text=str(text), binding=row["binding"],
        bounds=_(", ").join(f"{SIGNS[bound['kind']]} {number(bound['value'])}" for bound in row["bounds"]),
    )  # fmt: skip


def moved_rows(moved: list[dict[str, Any]], names: dict[str, str], *, open_data: bool) -> list[MovedRow]:
    """With the base year each pair of classes is a row, without it each class of the plan."""
    if open_data:
        return [
            MovedRow(
                names[row["before"]], row["before"], row["m2"], names.get(row["base"] or "", ""), row["base"] or ""
            )
            for row in moved
        ]
    return [MovedRow(names[code], code, m2) for code, m2 in by_class(moved).items()]


def by_class(moved: Iterable[dict[str, Any]]) -> dict[str, float]:
    """m² by what the plan says now, the largest first."""
    sums: dict[str, float] = {}
    for row in moved:
        sums[row["before"]] = sums.get(row["before"], 0.0) + row["m2"]
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))


# --- sentences


def land(moved: list[dict[str, Any]], code: str, names: dict[str, str], *, open_data: bool) -> list[str]:
    """What becomes of the land: planned as something else; as it is today, or no longer."""
    said = []
    for before, m2 in list(by_class(row for row in moved if row["before"] != code).items())[:TOLD_LAND]:
        told = {"size": area(m2), "before": names[before], "after": names[code]}
        said.append(_("%(size)s that the draft plans as %(before)s would become %(after)s.") % told)
    if open_data:
        stays = sum(row["m2"] for row in moved if row["base"] == code != row["before"])
        leaves = sum(row["m2"] for row in moved if row["base"] == row["before"] != code)
        if stays:
            said.append(_("%(size)s would stay as it is today: %(name)s.") % {"size": area(stays), "name": names[code]})
        if leaves:
            said.append(_("%(size)s would no longer stay as it is today.") % {"size": area(leaves)})
    return said


def of_conflicts(rows: list[ConflictRow]) -> list[str]:
    """Real conflicts that go and come; misfits of lines mean nothing to anybody."""
    real = [row for row in rows if row.category == Finding.Category.REAL]
    by_kind = {kind: [row for row in real if row.kind == kind] for kind in KINDS}
    said = []
    if gone := by_kind["gone"]:
        text = ngettext("%(count)s conflict would disappear: %(which)s.", "%(count)s conflicts would disappear: %(which)s.", len(gone))  # fmt: skip
        said.append(text % {"count": len(gone), "which": listed(gone)})
    if new := by_kind["new"]:
        text = ngettext("%(count)s new conflict would appear: %(which)s.", "%(count)s new conflicts would appear: %(which)s.", len(new))  # fmt: skip
        said.append(text % {"count": len(new), "which": listed(new)})
    said += [_("This conflict would become smaller: %(which)s.") % {"which": shrunk(row)} for row in by_kind["smaller"]]
    said += [_("This conflict would become larger: %(which)s.") % {"which": shrunk(row)} for row in by_kind["larger"]]
    return said or [_("No real conflict would appear or disappear.")]


def listed(rows: list[ConflictRow]) -> str:
    """Names of checks with their areas, those of one check together."""
    sums: dict[str, float] = {}
    for row in rows:
        sums[row.name] = sums.get(row.name, 0.0) + (row.before_m2 if row.kind == "gone" else row.after_m2)
    named = [_("%(name)s, %(size)s") % {"name": name, "size": area(m2)} if m2 else name for name, m2 in sums.items()]
    return _("; ").join(named)


def shrunk(row: ConflictRow) -> str:
    return _("%(name)s, from %(before)s to %(after)s") % {
        "name": row.name, "before": area(row.before_m2), "after": area(row.after_m2)
    }  # fmt: skip


def of_figures(rows: list[FigureRow]) -> list[str]:
    """The indicators that matter most: those whose target is won or lost, then binding ones, then the largest changes."""

    def rank(row: FigureRow) -> tuple[bool, bool, float]:
        share = abs(row.delta / row.before) if row.delta and row.before else 0.0
        return (not row.light_changes, not row.binding, -share)

    changed = [row for row in rows if row.arrow]
    if not changed:
        return [_("No indicator would change by as much as one can see.")]
    return [of_figure(row) for row in sorted(changed, key=rank)[:TOLD_FIGURES]]


def of_figure(row: FigureRow) -> str:
    told = {"name": row.name, "delta": number(abs(row.delta or 0.0)), "after": number(row.after), "unit": row.unit}
    if row.arrow == "up":
        said = _("%(name)s would grow by %(delta)s %(unit)s, to %(after)s %(unit)s.") % told
    else:
        said = _("%(name)s would fall by %(delta)s %(unit)s, to %(after)s %(unit)s.") % told
    if not row.light_changes or "none" in (row.light_before, row.light_after):
        return said
    if row.light_after == "missed":
        return _("%(said)s The target would be missed.") % {"said": said}
    if row.light_before == "missed":
        return _("%(said)s The target would be kept again.") % {"said": said}
    return said


def why_failed(what_if: WhatIf) -> str | Promise:
    """Why it could not be computed, in the words of the computation."""
    if what_if.job and what_if.job.message:
        return what_if.job.message
    return _("It could not be computed. Please try again.")
