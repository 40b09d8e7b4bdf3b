"""Text that leaves for a spreadsheet program must not begin a formula there (CSV injection, CVE-2021-41270 and its kin)."""

from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def guarded(cell: Any) -> Any:
    """An apostrophe before what would be a formula; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def unguarded(cell: str) -> str:
    """The text as it was before `guarded`, when a table of ours comes back."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell
