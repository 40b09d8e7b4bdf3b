"""Columns of the tables that may be handed in, as data, and how a cell becomes a value or a fault.

Cells come as people write them: full-width digits, thousands separators, codes as numbers, dates where a year is wanted.
What has one meaning is taken; whatever would have to be guessed is a fault that says how to write it.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.spreadsheets import unguarded

SPREADSHEET_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}.*")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?")
_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")


class CellFault(Exception):
    """A cell that cannot be taken; `reason` is a key of texts.REASONS."""

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = params


@dataclass(frozen=True)
class Column:
    """One column: how it is called, what may stand in it, and what to say about it in the template."""

    name: str
    zh: str
    en: str
    kind: str
    """text, code, whole, number, year, day or choice"""
    means: str
    """an English sentence, translated where it is shown"""
    example: Any = ""
    required: bool = True
    aliases: tuple[str, ...] = ()
    """other headers it is found by, the likeliest first"""
    unit: str = ""
    units: tuple[str, ...] = ()
    """other spellings of the unit in a header's brackets"""
    choices: dict[str, str] = field(default_factory=dict)
    """stored value -> Chinese name; both are accepted"""
    digits: tuple[int, ...] = (12,)
    """lengths a code may have"""
    length: int = 200
    least: float | None = None
    most: float | None = None
    personal: bool = False
    """holds names or places of people"""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.zh, self.en, self.name, *self.aliases)

    def options(self) -> list[str]:
        """What the list in the template offers: the Chinese name, after the value where that is a number."""
        return [f"{value} {name}" if value.isdigit() else name for value, name in self.choices.items()]


def plain(text: Any) -> str:
    """Compared forms: full-width becomes half-width, ㎡ becomes m2, capitals and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", str(text)).casefold().split())


def header_parts(text: str) -> tuple[str, str]:
    """A header without the unit in its brackets and without the star of required columns; and that unit."""
    bare = plain(text).strip("*")
    found = _BRACKETS.search(bare)
    return (bare[: found.start()].strip("*"), found.group(1)) if found else (bare, "")


def unit_fits(column: Column, unit: str) -> bool:
    return not column.unit or not unit or unit in {plain(u) for u in (column.unit, *column.units)}


def parse(value: Any, column: Column) -> Any:
    """The value of a cell that is not empty. Raises CellFault."""
    if isinstance(value, str):
        value = unguarded(value)
        if value.upper() in SPREADSHEET_ERRORS:
            raise CellFault("spreadsheet_error", value=value)
    return PARSERS[column.kind](value, column)


def _text(value: Any, column: Column) -> str:
    text = str(value)
    if len(text) > column.length:
        raise CellFault("too_long", limit=column.length)
    return text


def _code(value: Any, column: Column) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else plain(value)
    if isinstance(value, float) or _ROUNDED.fullmatch(text):
        raise CellFault("code_rounded", value=_shown(value))
    if not (text.isascii() and text.isdigit()) or len(text) not in column.digits:
        raise CellFault("not_code", value=_shown(value), digits=", ".join(map(str, column.digits)))
    return text


def _number(value: Any, column: Column) -> float:
    if isinstance(value, bool):
        raise CellFault("not_number", value=_shown(value))
    if isinstance(value, str):
        value = _from_text(value)
    if not (abs(value) < 1e15):  # also refuses what is no number at all
        raise CellFault("not_number", value=_shown(value))
    if column.least is not None and value < column.least:
        raise CellFault("too_small", value=_shown(value), limit=_shown(column.least))
    if column.most is not None and value > column.most:
        raise CellFault("too_large", value=_shown(value), limit=_shown(column.most))
    return float(value)


def _from_text(value: str) -> float:
    text = plain(value).replace("，", ",").replace("−", "-")
    if text.endswith("%"):
        raise CellFault("percent", value=_shown(value))
    if _DATE.fullmatch(text):
        raise CellFault("date_for_number", value=_shown(value))
    if not (text.isascii() and _NUMBER.fullmatch(text)):
        raise CellFault("not_number", value=_shown(value))
    return float(text.replace(",", ""))


def _whole(value: Any, column: Column) -> int:
    number = _number(value, column)
    if not number.is_integer():
        raise CellFault("not_whole", value=_shown(value))
    return int(number)


def _year(value: Any, column: Column) -> int:
    if isinstance(value, str):
        text = plain(value)
        if _DATE.fullmatch(text):
            raise CellFault("date_for_year", value=_shown(value))
        value = text.removesuffix("年")
    try:
        number = _number(value, column)
    except CellFault as fault:
        raise CellFault(
            "not_year", value=_shown(value), least=_shown(column.least), most=_shown(column.most)
        ) from fault
    if not number.is_integer():
        raise CellFault("not_year", value=_shown(value), least=_shown(column.least), most=_shown(column.most))
    return int(number)


def _day(value: Any, column: Column) -> date:
    """A date as people write it: 2025-03-01, 2025/3/1, 2025.3.1, 2025年3月1日."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", str(value)).strip())
    try:
        return date(*map(int, found.groups()))
    except (AttributeError, ValueError):
        raise CellFault("not_day", value=_shown(value)) from None


def _choice(value: Any, column: Column) -> str:
    """The stored value, by itself, by its Chinese name, or by both as the template's list writes them."""
    text = plain(value)
    for stored, name in column.choices.items():
        if text in (plain(stored), plain(name), plain(stored + name)):
            return stored
    width = max(map(len, column.choices))
    if (
        text.isascii() and text.isdigit() and text.zfill(width) in column.choices
    ):  # 1 for 01: a spreadsheet ate the zero
        return text.zfill(width)
    raise CellFault("not_in_list", value=_shown(value))


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)[:60]


PARSERS: dict[str, Callable[[Any, Column], Any]] = {
    "text": _text,
    "code": _code,
    "number": _number,
    "whole": _whole,
    "year": _year,
    "day": _day,
    "choice": _choice,
}
