"""The words for what is wrong with a file: made when shown, in the reader's language, from the issue's rule and params."""

from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from portal.geo.reasons import NOTES, REASONS

OURS = {
    "layer_wanted": _("The file lacks a layer it must have. Expected: {wanted}; found: {there}."),
    "field_wanted": _("The layer lacks a field it must have. Expected: {wanted}; found: {there}."),
    "name_wanted": _("The project has no name (field {field})."),
    "nothing_issued": _("No line of this kind ({kind}) is issued for the village."),
    "no_such_layer": _("The file has no layer for this line ({kind})."),
    "line_not_issued": _("{area_m2} m² of the file's line ({kind}) is not in the issued one."),
    "line_missing": _("{area_m2} m² of the issued line ({kind}) is missing in the file."),
    "not_cropland_on_farmland": _(
        "Class {value} is planned on {area_m2} m² of permanent basic farmland, where only 0101 to 0103 may be."
    ),
    "orchard_on_farmland": _(
        "Class {value} stays on {area_m2} m² of permanent basic farmland; it was there in the base year."
    ),
    "no_targets": _("No binding target is issued to the village."),
    "target_not_reached": _("{name}: {value} {unit}, issued are at least {target} {unit} ({source})."),
    "target_exceeded": _("{name}: {value} {unit}, issued are at most {target} {unit} ({source})."),
    "no_boundary_issued": _("No construction boundary is issued for the village."),
    "outside_boundary": _("{area_m2} m² of new construction (class {value}) lies outside the construction boundary."),
    "outside_allowed": _(
        "{area_m2} m² of new construction (class {value}) lies outside the construction boundary; this class may."
    ),
    "outside_by_misfit": _(
        "{area_m2} m² of new construction (class {value}) reaches over the construction boundary by a misfit of lines."
    ),
    "no_approval_fields": _("The file has no fields of the approval (PFWH, PFSJ)."),
    "not_approved_yet": _("The plan in this file is not approved yet."),
    "approval_empty": _("The plan is approved, but the field {field} is empty."),
    "layer_geometry": _("{count} features of the layer are not of its kind ({wanted}); the first is number {first}."),
    "type_wrong": _("The field {field} should hold {wanted}; “{value}” is not."),
    "type_of_column": _("The field {field} should hold {wanted}; {count} of its values, such as “{value}”, are not."),
    "numbers_for_text": _("The field {field} holds numbers and should hold text; zeros in front may be lost."),
    "text_longer": _("The text in the field {field} has {length} characters; {limit} are allowed."),
    "digits_more": _("“{value}” in the field {field} has more than {limit} digits."),
    "decimals_more": _(
        "{count} values of the field {field}, such as {value}, have more decimals than the {limit} of the schema."
    ),
    "value_empty": _("The field {field} must not be empty."),
    "not_in_domain": _("“{value}” is not in the list of values of the field {field} ({domain})."),
    "not_unique": _("“{value}” in the field {field} is not unique; row {other} has it too."),
    "name_not_of_code": _("The code {value} is called “{wanted}”, not “{name}”."),
    "name_short": _("The code {value} is called “{wanted}” in full; the file says “{name}”."),
    "name_of_parent": _("“{name}” is a wider class than the code {value} (“{wanted}”)."),
    "division_not_of_name": _("“{name}” is the village of the code {wanted}, not {value}."),
    "code_too_short": _("The code {value} must have {wanted} digits here."),
    "needs_person": _(
        "“{value}” may be one of several classes ({choices}); {proposed} is taken until someone decides."
    ),
    "edition_unsure": _(
        "{count} codes mean something else in the survey of land (TD/T 1055), and nothing in the file says which is meant; "
        "edition {edition} was taken."
    ),
    "deduction_net": _("Net area {value} m² is not area minus deduction, {wanted} m²."),
    "deduction_product": _("Deduction {value} m² is not area times its coefficient, {wanted} m²."),
    "sum_of_zones": _("The zones add up to {value} ha, the village has {wanted} ha."),
    "table_cell": _("“{name}”, column {field}: the table says {value} ha, the database {wanted} ha."),
    "table_change": _("“{name}”: the change {value} ha is not target minus base, {wanted} ha."),
    "crs_not_allowed": _("The coordinate system of the layer, {value}, is not one of those wanted: {wanted}."),
    "outside_county": _("The layer lies outside the county: {value}; the county is within {wanted}."),
    "no_base_layer": _("The file has no layer of base-year land use."),
    "too_complex": _("The geometries cross each other too often to be checked."),
    "no_zones": _("The file has no layer of zones with a class."),
    "no_such_fields": _("No layer of the file has the fields this rule compares ({fields})."),
    "no_such_table": _("The file has none of the tables {names}."),
    "zones_unsound": _("Zones that are no valid polygons have no area to add up."),
    "cover_not_wanted": _("The profile does not ask that the zones cover the village (rules G6, G7)."),
    "any_crs": _("The profile names no coordinate systems."),
    "not_a_number": _("“{value}” in the field {field} is not a number; it was left empty."),
}

OUR_NOTES = {
    "edition_converted": _("{count} codes were read as another edition and converted: {edition}."),
    "layer_left_out": _("The layer “{layer}” is none that the mapping profile knows; it was left out."),
}

RULES = {
    "F1": _("File cannot be read"),
    "F2": _("Archive refused"),
    "F3": _("Limit exceeded"),
    "F4": _("Content not allowed"),
    "C1": _("Coordinate system"),
    "C2": _("Place of the coordinates"),
    "S1": _("Layer missing"),
    "S2": _("Field missing or of another type"),
    "S3": _("Value missing"),
    "S4": _("Value not in its list"),
    "S5": _("Identifier not unique"),
    "S6": _("Code and name do not fit"),
    "S7": _("Class not detailed enough"),
    "G1": _("Invalid geometry"),
    "G2": _("Heights, measures or curves"),
    "G3": _("Several parts in one zone"),
    "G4": _("Duplicate geometry or vertex"),
    "G5": _("Overlap"),
    "G6": _("Gap"),
    "G7": _("Outside the village"),
    "G8": _("Sliver"),
    "G9": _("Sharp angle"),
    "G10": _("Base year and plan cover different ground"),
    "A1": _("Area mismatch"),
    "A2": _("Net area does not follow from deductions"),
    "A3": _("Sum of areas differs from the village"),
    "A4": _("Table differs from the database"),
    "L1": _("Permanent basic farmland differs from what was issued"),
    "L2": _("Ecological red line differs from what was issued"),
    "L3": _("Other than cropland on permanent basic farmland"),
    "L4": _("Binding target missed"),
    "L5": _("New construction outside the boundary"),
    "L6": _("Approval fields empty"),
}


def text(code: str, params: dict[str, Any]) -> str:
    """One sentence for an issue; params are data from a file and only ever become text."""
    reason = params.get("reason", "")
    template = OURS.get(reason) or REASONS.get(reason) or NOTES.get(reason)
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
    """Numbers without noise; of a name in both languages the reader's."""
    if isinstance(value, dict):
        return str(value["en" if get_language() == "en" else "zh"])
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def rule(code: str) -> str:
    return gettext(RULES[code]) if code in RULES else code
