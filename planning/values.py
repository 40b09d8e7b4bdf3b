"""Cells of a file as values: blanks, control characters and numbers that are codes."""

from collections.abc import Sequence
from typing import Any


def clean(value: Any) -> Any:
    """Text stripped of blanks and control characters; empty text, NaN and NaT become None."""
    if isinstance(value, str):
        value = "".join(c for c in value if c.isprintable()).strip()
        return value or None
    return None if value is None or value != value else value


def as_code(value: Any) -> str:
    """A code as text: 1001.0 out of a numeric field is the code 1001."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def translate(values: Sequence[Any], codes: dict[str, str]) -> list[str | None]:
    """File values to class codes: by the profile's table where it has the value, else as they stand."""
    return [None if v is None else codes.get(as_code(v), as_code(v)) for v in values]
