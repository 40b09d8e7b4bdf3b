"""The words for what is wrong with a table, made when shown, in the reader's language."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from portal.geo.reasons import NOTES
from portal.geo.reasons import REASONS as OF_FILES

REASONS = {
    # T1: columns
    "no_sheet": _("No sheet has the columns of this table. They are: {wanted}. The template has them all."),
    "column_missing": _("The column “{wanted}” is missing."),
    "column_twice": _("The column “{header}” appears twice."),
    "column_unit": _("The column gives its values in {found}, but {wanted} is expected."),
    # T2: cells
    "empty": _("The cell is empty, but a value is needed."),
    "too_long": _("The text is longer than {limit} characters."),
    "code_rounded": _(
        "“{value}” is a code that the spreadsheet rounded. Format the column as text and enter it again."
    ),
    "not_code": _("“{value}” is not a code of {digits} digits."),
    "not_number": _("“{value}” is not a number."),
    "not_whole": _("“{value}” is not a whole number."),
    "percent": _("“{value}” is a percentage. Write the number itself."),
    "date_for_number": _("“{value}” is a date. Format the column as number and enter it again."),
    "date_for_year": _("“{value}” is a date. Write the year only, in four digits."),
    "not_year": _("“{value}” is not a year from {least} to {most}."),
    "not_day": _("“{value}” is not a day. Write it as 2025-03-01."),
    "day_to_come": _("{value} is still to come; a target is issued before it is entered."),
    "too_small": _("{value} is less than {limit}."),
    "too_large": _("{value} is more than {limit}."),
    "not_in_list": _("“{value}” is not in the list of values. The template has the list."),
    "spreadsheet_error": _("The cell holds the spreadsheet's own error {value}."),
    "merged": _("Cells {cells} are merged. Unmerge them and fill in every cell."),
    "swapped": _("Longitude and latitude seem to be swapped."),
    "unit": _("The unit is “{value}”, but {wanted} is expected."),
    "years_order": _("The last year, {value}, is before the first one, {first}."),
    # T3: rows
    "twice": _("The same row stands in row {other} already: {key}."),
    "no_rows": _("The table has no rows yet: below the headers every row is empty. Fill it in and hand it in again."),
    # T4: what the rows speak of
    "village_unknown": _("There is no village with the code {value}."),
    "village_outside": _("The village {value} does not belong to {scope}."),
    "point_outside": _("The place lies {distance_m} m outside the village {village}."),
    "division_outside": _("The division {value} does not belong to {scope}."),
    "parent_unknown": _("The division above it, {value}, is neither known nor in this table."),
    "parent_mismatch": _("{value} is not the code of a division above {code}."),
    "no_plan": _("The village has no plan version yet. Hand in a plan first; its projects can be replaced then."),
    "more": _("{count} more faults are not listed."),
}

RULES = {
    "T1": _("Columns"),
    "T2": _("Value of a cell"),
    "T3": _("Rows"),
    "T4": _("Does not fit what is known"),
    "F1": _("File cannot be read"),
    "F2": _("Archive refused"),
    "F3": _("Limit exceeded"),
    "F4": _("Content not allowed"),
}


def rule(code: str) -> str:
    return gettext(RULES[code]) if code in RULES else code


def text(code: str, params: dict[str, Any]) -> str:
    """One sentence for an issue; params are data from a file and only ever become text."""
    reason = params.get("reason", "")
    return _filled(REASONS.get(reason) or OF_FILES.get(reason), params) or rule(code)


def as_json(issue: dict[str, Any]) -> dict[str, Any]:
    """A kept fault with its place and its sentence."""
    params = issue["params"]
    return {
        "code": issue["code"], "sheet": issue["sheet"], "row": issue["row"], "column": params.get("letters", ""),
        "header": params.get("header", ""), "text": text(issue["code"], params),
    }  # fmt: skip


def note(params: dict[str, Any]) -> str:
    """One sentence for a remark of the reader."""
    return _filled(NOTES.get(params.get("reason", "")), params)


def _filled(template: str | None, params: dict[str, Any]) -> str:
    if template is None:
        return ""
    try:
        return gettext(template).format(**{key: _shown(value) for key, value in params.items()})
    except (KeyError, IndexError):
        return ""


def _shown(value: Any) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
