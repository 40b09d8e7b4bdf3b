"""The words for what is wrong with a file: made when shown, in the reader's language, from the issue's rule and params."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from portal.geo.reasons import NOTES, REASONS

OURS = {
    "layer_wanted": _("The file lacks a layer it must have. Expected: {wanted}; found: {there}."),
    "field_wanted": _("The layer lacks a field it must have. Expected: {wanted}; found: {there}."),
    "name_wanted": _("The project has no name (field {field})."),
    "not_a_number": _("“{value}” in the field {field} is not a number; it was left empty."),
}

OUR_NOTES = {
    "layer_left_out": _("The layer “{layer}” is none that the mapping profile knows; it was left out."),
}

RULES = {
    "G1": _("Invalid geometry"),
    "G5": _("Overlap"),
    "G6": _("Gap"),
    "G7": _("Outside the village"),
    "G8": _("Sliver"),
    "S1": _("Layer missing"),
    "S2": _("Field missing"),
    "S3": _("Value missing"),
    "S4": _("Unknown land-use class"),
    "A1": _("Area mismatch"),
    "C1": _("Coordinate system"),
    "F1": _("File cannot be read"),
    "F2": _("Archive refused"),
    "F3": _("Limit exceeded"),
    "F4": _("Content not allowed"),
}


def text(code: str, params: dict[str, Any]) -> str:
    """One sentence for an issue; params are data from a file and only ever become text."""
    template = OURS.get(params.get("reason", "")) or REASONS.get(params.get("reason", ""))
    if template is None:
        return rule(code)
    try:
        return gettext(template).format(**{k: shown(v) for k, v in params.items()})
    except (KeyError, IndexError):
        return rule(code)


def note(note: dict[str, Any]) -> str:
    """What the reader did to a file by itself, as a sentence."""
    params = {k: shown(v) for k, v in note.items()}
    return gettext(OUR_NOTES.get(note["reason"]) or NOTES[note["reason"]]).format(**params)


def shown(value: Any) -> str:
    """Numbers without noise."""
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def rule(code: str) -> str:
    return gettext(RULES[code]) if code in RULES else code
