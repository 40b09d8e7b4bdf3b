"""Kinds of tables that may be handed in: their columns, who may hand them in, and what becomes of their rows.

A kind of a higher app is added from there (planning/project_table.py adds the projects).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from portal.errors import PortalError
from portal.geo.issues import ERROR, Issue
from portal.geo.tables import column_letters
from portal.jobs import Progress
from portal.models import Role, User
from portal.models.accounts import division_prefix
from villages.tables.columns import Column

AUTHORS = (Role.COMMITTEE, Role.PLANNER)
COUNTY = (Role.COUNTY_REVIEWER, Role.COUNTY_LEADER)


@dataclass(slots=True)
class Row:
    """A row of the table: its values by the names of the columns, None where the cell is empty."""

    sheet: str
    number: int
    values: dict[str, Any]
    columns: dict[str, int]
    """place of each column in the sheet, from 1; shared by the rows of a sheet"""

    def fault(self, rule: str, column: str, reason: str, header: str = "", /, **params: Any) -> Issue:
        """Something wrong with one of its cells."""
        return cell_issue(
            rule, self.sheet, self.number, self.columns.get(column, 0), header or column, reason, **params
        )


@dataclass(frozen=True)
class Scope:
    """Where the rows must belong: a village, or everything below a division."""

    division_code: str
    by: User | None
    note: str = ""

    @property
    def prefix(self) -> str:
        """The significant digits; empty for the whole country."""
        return "" if not self.division_code.strip("0") else division_prefix(self.division_code)

    @property
    def is_village(self) -> bool:
        return len(self.prefix) == 12


@dataclass
class Changes:
    """What storing the table would do. Rows that the table does not name stay as they are: `absent` counts them."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    absent: int = 0
    villages: set[str] = field(default_factory=set)
    """villages whose data change"""
    examples: list[dict[str, Any]] = field(default_factory=list)
    work: Any = None
    """what the kind's own `write` needs"""

    def counts(self) -> dict[str, int]:
        return {"new": self.new, "changed": self.changed, "unchanged": self.unchanged, "absent": self.absent}


@dataclass(frozen=True)
class Kind:
    """A kind of table. `check` finds what no single cell shows; `compare` sorts the rows into new, changed and unchanged;
    `write` stores them and returns what stood there before; `undo` puts that back."""

    name: str
    title: str
    means: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    roles: tuple[str, ...]
    check: Callable[[list[Row], Scope], Iterable[Issue]]
    compare: Callable[[list[Row], Scope, Progress], Changes]
    write: Callable[[Changes, Scope, Progress], dict[str, Any]]
    undo: Callable[[dict[str, Any]], None] | None
    village_only: bool = False
    """the rows are of one village, which the table need not name"""

    @property
    def personal(self) -> bool:
        """Its rows are about people: its file and what takes it back are kept for some time only."""
        return any(column.personal for column in self.columns)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    KINDS[kind.name] = kind
    return kind


def by_name(name: str) -> Kind:
    from django.utils.translation import gettext as _

    if name not in KINDS:
        raise PortalError(_("There is no kind of table named “%(name)s”.") % {"name": name[:40]}, code="kind")
    return KINDS[name]


def cell_issue(
    rule: str, sheet: str, row: int | None, column: int, header: str, reason: str, /, **params: Any
) -> Issue:  # fmt: skip
    """A fault of one cell, with its place as a spreadsheet names it."""
    place = {"column": column, "letters": column_letters(column), "header": header}
    return Issue(rule, ERROR, sheet, row, {"reason": reason, **place, **params})
