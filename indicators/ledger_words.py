"""The balance ledgers of a run in words and as tables: for the page, the interface and the workbook."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators import charts, lights, runs
from indicators.models import Run
from planning.maps import UNKNOWN_COLOUR, classes
from planning.models import LandUseClass
from portal.templatetags.portal import area, number

NOTHING_M2 = 0.5
"""Less than this is told as nothing: it is rounding of lines."""

KINDS: dict[str, str | Promise] = {
    "paddy": gettext_lazy("Paddy field"),
    "irrigated": gettext_lazy("Irrigated field"),
    "dry": gettext_lazy("Rain-fed field"),
    "undivided": gettext_lazy("Cropland, not divided further"),
}

BALANCES: dict[str, tuple[str | Promise, str | Promise, str | Promise, str | Promise]] = {
    "compensation": (
        gettext_lazy("Cropland built over and made good"),
        gettext_lazy("Built over"),
        gettext_lazy("Made good"),
        gettext_lazy(
            "Cropland that becomes construction land, against land that becomes cropland; what comes from orchards, forest, grassland and facilities is left to the next ledger."
        ),
    ),
    "turnover": (
        gettext_lazy("Cropland moved out and back in"),
        gettext_lazy("Moved out"),
        gettext_lazy("Moved back in"),
        gettext_lazy(
            "Cropland that becomes orchard, forest, grassland or land for farm facilities, against such land that becomes cropland."
        ),
    ),
}
"""Title, heading of what is lost, heading of what is gained, what is counted."""

MATRICES = {
    "three_way": gettext_lazy("Agricultural, construction and unused land"),
    "sansheng": gettext_lazy("Space for production, living and ecology"),
}

GROUPS: dict[str, dict[str, tuple[str | Promise, str]]] = {
    "three_way": {
        "agri": (LandUseClass.BigClass.AGRI.label, "#4f9d4a"),
        "construction": (LandUseClass.BigClass.CONSTRUCTION.label, "#c0504d"),
        "unused": (LandUseClass.BigClass.UNUSED.label, "#8a8f98"),
        "sea": (LandUseClass.BigClass.SEA.label, "#3f88c5"),
        "mixed": (gettext_lazy("Not divided further"), "#b9a04a"),
    },
    "sansheng": {
        "production": (LandUseClass.Sansheng.PRODUCTION.label, "#d9a521"),
        "living": (LandUseClass.Sansheng.LIVING.label, "#c0504d"),
        "ecological": (LandUseClass.Sansheng.ECOLOGICAL.label, "#4f9d4a"),
        "mixed": (gettext_lazy("Not divided further"), "#8a8f98"),
    },
}
"""Groups in the order in which they are drawn, with their names and colours."""

FLOWS = 20


@dataclass(frozen=True)
class Balance:
    """A ledger of cropland as a page shows it."""

    key: str
    title: str | Promise
    lost_head: str | Promise
    gained_head: str | Promise
    what: str | Promise
    sentence: str
    light: str
    moved: bool
    rows: list[dict[str, Any]]
    total: dict[str, Any]
    lost_to: list[dict[str, Any]]
    gained_from: list[dict[str, Any]]


@dataclass(frozen=True)
class Matrix:
    """A change matrix between groups: the table, with margins, and the drawing of what moves."""

    key: str
    title: str | Promise
    names: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    total: list[float]
    total_m2: float
    moved_m2: float
    drawing: dict[str, Any] | None


NO_BASE = gettext_lazy("There are no base-year parcels of the village on record, so the ledgers were not computed.")


def balances(run: Run) -> list[Balance]:
    """Both ledgers of cropland; none without base-year parcels, because nothing moves where nothing was."""
    if not runs.has_base(run):
        return []
    return [balance(key, run.ledgers[key]) for key in BALANCES if key in run.ledgers]


def balance(key: str, ledger: dict[str, Any]) -> Balance:
    title, lost_head, gained_head, what = BALANCES[key]
    return Balance(
        key, title, lost_head, gained_head, what,
        sentence=sentence(key, ledger),
        light="missed" if ledger["shortfall_m2"] > NOTHING_M2 else "kept",
        moved=max(ledger["lost_m2"], ledger["gained_m2"]) > NOTHING_M2,
        rows=[{**row, "name": KINDS.get(row["kind"], row["kind"])} for row in ledger["kinds"]],
        total={name: ledger[name] for name in ("lost_m2", "gained_m2", "balance_m2")},
        lost_to=named(ledger["lost_to"]),
        gained_from=named(ledger["gained_from"]),
    )  # fmt: skip


def sentence(key: str, ledger: dict[str, Any]) -> str:
    """What a ledger comes to, in one sentence."""
    lost, gained, short = ledger["lost_m2"], ledger["gained_m2"], ledger["shortfall_m2"]
    figures = {"lost": area(lost), "gained": area(gained), "short": area(short), "left": area(gained - lost)}
    built = key == "compensation"
    if lost <= NOTHING_M2 and gained <= NOTHING_M2:
        return _("No cropland is built over.") if built else _("No cropland is moved out.")
    if short > NOTHING_M2:
        return (
            _("%(lost)s of cropland are built over, %(gained)s are made good: short by %(short)s.")
            if built
            else _("%(lost)s of cropland are moved out, %(gained)s are moved back in: short by %(short)s.")
        ) % figures
    return (
        _("%(lost)s of cropland are built over, %(gained)s are made good: balanced, with %(left)s over.")
        if built
        else _("%(lost)s of cropland are moved out, %(gained)s are moved back in: balanced, with %(left)s over.")
    ) % figures


def construction_sentence(built: dict[str, Any]) -> str:
    """What construction land comes to, in one sentence."""
    up, down, net = built["increase_m2"], built["reduction_m2"], built["net_m2"]
    figures = {"up": area(up), "down": area(down), "net": area(abs(net))}
    if up <= NOTHING_M2 and down <= NOTHING_M2:
        return _("Construction land stays where it is.")
    if abs(net) <= NOTHING_M2:
        return _("%(up)s of land are newly built on, as much is given back: nothing more in all.") % figures
    if net > 0:
        return _("%(up)s of land are newly built on, %(down)s are given back: %(net)s more in all.") % figures
    return _("%(up)s of land are newly built on, %(down)s are given back: %(net)s less in all.") % figures


def flex_sentence(flex: dict[str, Any]) -> str:
    """How large the flexible quota is, and whether that is allowed: to two decimals, as indicator 27 is judged."""
    quota, allowed, share, limit = (flex[name] for name in ("quota_m2", "allowed_m2", "share", "limit_share"))
    figures = {
        "quota": None if quota is None else area(quota), "allowed": None if allowed is None else area(allowed),
        "share": None if share is None else number(share * 100, 2),
    }  # fmt: skip
    if quota is None:
        nothing = _("No flexible quota is on record, and no zone says that it is drawn from one.")
        return f"{nothing} {_('Up to %(allowed)s would be allowed.') % figures}" if allowed else nothing
    if share is None:
        return _("The flexible quota is %(quota)s. The plan has no village construction land of which it could be a share.") % figures  # fmt: skip
    if limit is None:
        return _("The flexible quota is %(quota)s, %(share)s %%; no limit is stated.") % figures
    if not lights.met(share * 100, [lights.Bound("at_most", limit * 100, "rule")]):
        return _("The flexible quota is %(quota)s, %(share)s %%, more than the %(allowed)s allowed.") % figures
    return _("The flexible quota is %(quota)s, %(share)s %%, within the %(allowed)s allowed.") % figures


def quality_sentence(quality: dict[str, Any]) -> str:
    """Whether what makes good is as good as what is lost, by grades where they are known."""
    if not quality.get("known"):
        return _("The quality grades of the parcels are not known, so only areas are compared.")
    lost, gained = quality["lost"]["mean_grade"], quality["gained"]["mean_grade"]
    figures = {"lost": number(lost, 1), "gained": number(gained, 1)}
    if lost is None:
        return _("No cropland of known grade is built over.")
    if gained is None:
        return _("What is built over has grade %(lost)s on average (1 is the best); of what makes good the grade is not known.") % figures  # fmt: skip
    return _("What is built over has grade %(lost)s on average, what makes good has grade %(gained)s (1 is the best).") % figures  # fmt: skip


def named(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with a code, with the name and colour of its class."""
    rows = list(rows)
    known = classes(row["code"] for row in rows)
    return [
        {
            **row,
            "name": known[row["code"]].name if row["code"] in known else row["code"],
            "colour": known[row["code"]].colour if row["code"] in known else UNKNOWN_COLOUR,
        }
        for row in rows
    ]


def matrices(run: Run) -> list[Matrix]:
    """Both change matrices by groups."""
    return [matrix(key, run.ledgers[key]) for key in MATRICES if run.ledgers.get(key, {}).get("cells")]


def matrix(key: str, made: dict[str, Any]) -> Matrix:
    groups = GROUPS[key]
    order = [*groups, *sorted({*made["base"], *made["plan"]} - set(groups))]
    used = [name for name in order if name in made["base"] or name in made["plan"]]
    names = [
        {"key": n, "name": groups.get(n, (n, ""))[0], "colour": groups.get(n, ("", UNKNOWN_COLOUR))[1]} for n in used
    ]
    area_of = {(cell["base"], cell["plan"]): cell["area_m2"] for cell in made["cells"]}
    rows = [
        {**name, "cells": [area_of.get((name["key"], other), 0.0) for other in used], "total": made["base"].get(name["key"], 0.0)}
        for name in names
    ]  # fmt: skip
    drawing = charts.sankey(made["cells"], order)
    if drawing:
        label = {name["key"]: name for name in names}
        for part in (*drawing["base"], *drawing["plan"]):
            part.update(label=label[part["name"]]["name"], colour=label[part["name"]]["colour"])
        for ribbon in drawing["ribbons"]:
            ribbon.update(colour=label[ribbon["base"]]["colour"], base_name=label[ribbon["base"]]["name"], plan_name=label[ribbon["plan"]]["name"])  # fmt: skip
    moved = sum(cell["area_m2"] for cell in made["cells"] if cell["base"] != cell["plan"])
    return Matrix(
        key, MATRICES[key], names, rows, [made["plan"].get(name, 0.0) for name in used], made["total_m2"], moved, drawing
    )  # fmt: skip


def flows(run: Run, most: int | None = FLOWS) -> list[dict[str, Any]]:
    """What became what, by class as recorded, the largest changes first; land that stays as it is is left out."""
    changed = [row for row in run.changes.all() if row.base_code != row.plan_code and row.area_m2 > NOTHING_M2]
    changed.sort(key=lambda row: -row.area_m2)
    known = classes(code for row in changed for code in (row.base_code, row.plan_code))

    def side(code: str) -> dict[str, str]:
        found = known.get(code)
        return {
            "code": code,
            "name": found.name if found else code,
            "colour": found.colour if found else UNKNOWN_COLOUR,
        }

    return [{"base": side(r.base_code), "plan": side(r.plan_code), "area_m2": r.area_m2} for r in changed[:most]]
