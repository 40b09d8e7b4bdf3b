"""Cells of a file as values: blanks, control characters and numbers that are codes."""

from typing import Any


def clean(value: Any) -> Any:
    """Text stripped of blanks and control characters; empty text, NaN and NaT become None."""
    if isinstance(value, str):
        if not value.isprintable():
            value = "".join(c for c in value if c.isprintable())
        return value.strip() or None
    return None if value is None or value != value else value


def cleaned(cells: list[Any]) -> list[Any]:
    """Every cell clean. Few columns hold many different texts, so each text is looked at once."""
    kinds = set(map(type, cells))
    if kinds <= {int, bool, type(None)}:
        return cells
    if kinds <= {str, type(None)}:
        known = {text: clean(text) for text in set(cells)}
        return [known[text] for text in cells]
    return [clean(value) for value in cells]


def as_code(value: Any) -> str:
    """A code as text: 1001.0 out of a numeric field is the code 1001."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
