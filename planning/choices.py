"""What a person may choose about a file before it is judged again: the choices held to what there is, and merged."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from planning import issue_texts, profiles
from portal.errors import PortalError
from portal.geo import charsets, crs, repairs

NAMES = ("profile", "crs", "encoding", "swap_axes", "decisions", "repairs", "check_only", "after")
ENCODINGS = ("UTF-8", "GB18030", "BIG5")
"""offered; any other the reader knows may be named as well"""
REPAIRS = tuple(repairs.KINDS)
MAX_DECISIONS = 50_000

Decisions = dict[str, dict[str, str]]
"""layer -> row of the file, from 1 -> land-use class"""


def merged(options: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The options of an upload with a person's changes. Raises PortalError (`code` is the choice) for what cannot be.

    Decisions about codes add up. Consent to repairs was given to what they change in a file read in one way: read in
    another, it must be given anew.
    """
    if unknown := set(changes) - set(NAMES):
        raise PortalError(_("Not a choice: %(names)s.") % {"names": ", ".join(sorted(unknown))}, code="choice")
    checked = {name: _CHECKS[name](value) for name, value in changes.items()}
    if "decisions" in checked:
        checked["decisions"] = added(options.get("decisions", {}), checked["decisions"])
    if {"crs", "swap_axes", "profile"} & set(checked):
        checked.setdefault("repairs", [])
    if "crs" in checked:
        checked.setdefault("swap_axes", False)
    made = {**options, **checked}
    return {name: value for name, value in made.items() if value or name in ("profile", "based_on")}


def _profile(value: str) -> str:
    profiles.by_name(value)
    return value


def _crs(value: str) -> str:
    """A system by name; empty: as the file says."""
    if value:
        try:
            crs.resolve(value)
        except crs.UnknownCRS as error:
            raise PortalError(issue_texts.text("C1", {"reason": error.reason, **error.params}), code="crs") from error
    return value


def _encoding(value: str) -> str:
    if value and charsets.known(value) is None:
        raise PortalError(_("The text encoding “%(name)s” is not known.") % {"name": value[:40]}, code="encoding")
    return value


def _repairs(value: list[str]) -> list[str]:
    if wrong := [kind for kind in value if kind not in REPAIRS]:
        raise PortalError(_("There is no repair called “%(name)s”.") % {"name": wrong[0][:40]}, code="repairs")
    return [kind for kind in REPAIRS if kind in value]


def _decisions(value: Decisions) -> Decisions:
    """Each row a number, each class one of the classification; an empty class takes a decision back."""
    if sum(map(len, value.values())) > MAX_DECISIONS:
        raise PortalError(_("Too many decisions at once."), code="decisions")
    known = profiles.known_codes()
    for layer, rows in value.items():
        for row, code in rows.items():
            if not (row.isascii() and row.isdigit() and len(row) < 9 and int(row) > 0 and len(layer) <= 100):
                raise PortalError(_("“%(row)s” is no row of a layer.") % {"row": row[:40]}, code="decisions")
            if code and code not in known:
                text = _("Row %(row)s: “%(code)s” is not a known land-use class.")
                raise PortalError(text % {"row": row, "code": code[:40]}, code="decisions")
    return {layer: {str(int(row)): code for row, code in rows.items()} for layer, rows in value.items()}


def added(earlier: Decisions, later: Decisions) -> Decisions:
    """Earlier decisions with later ones on top."""
    layers = {name: {**earlier.get(name, {}), **later.get(name, {})} for name in (*earlier, *later)}
    kept = {name: {row: code for row, code in rows.items() if code} for name, rows in layers.items()}
    return {name: rows for name, rows in kept.items() if rows}


def decided(worklist: list[dict[str, Any]]) -> dict[str, Any]:
    """What the report says of decisions: how many codes needed a person, and what was decided for each value."""
    if not worklist:
        return {}
    pairs = Counter((item["value"], item["decided"]) for item in worklist if item["decided"])
    rows = [{"value": value, "code": code, "zones": n} for (value, code), n in sorted(pairs.items())]
    return {"decisions": {"total": len(worklist), "decided": pairs.total(), "rows": rows}}


_CHECKS: dict[str, Any] = {
    "profile": _profile,
    "crs": _crs,
    "encoding": _encoding,
    "swap_axes": bool,
    "check_only": bool,
    "decisions": _decisions,
    "repairs": _repairs,
    "after": int,
}


def told(changes: dict[str, Any]) -> dict[str, Any]:
    """The choices as the record of acts keeps them: decisions by number and class, not row by row."""
    if "decisions" not in changes:
        return changes
    rows = [code for rows in changes["decisions"].values() for code in rows.values()]
    return {**changes, "decisions": {code or "-": rows.count(code) for code in sorted(set(rows))}}
