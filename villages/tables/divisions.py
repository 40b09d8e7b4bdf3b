"""Administrative divisions (行政区划) as a table: five levels, and all 620,573 villages of China in one import.

The level follows from the code. The files of the statistics bureau are taken as they are: shorter codes of the higher
levels, and the division above in a column of its own name.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from portal.errors import Conflict
from portal.geo import copy, sql
from portal.geo.issues import Issue
from portal.jobs import Progress
from portal.models import Role
from villages.models import Division
from villages.tables.columns import Column
from villages.tables.kinds import Changes, Kind, Row, Scope, register
from villages.tables.upsert import EXAMPLES

STRETCH = 50_000
"""rows stored in one statement: about a second"""

COLUMNS = (
    Column(
        "code", "代码", "Code", "code", gettext_noop("Code of the division, 12 digits; 2, 4, 6 or 9 for the higher levels are taken too."),
        "370983101204", aliases=("行政区代码", "区划代码", "行政区划代码", "XZQDM"), digits=(2, 4, 6, 9, 12),
    ),
    Column("name", "名称", "Name", "text", gettext_noop("Name of the division."), "柳沟村委会", aliases=("行政区名称", "区划名称", "XZQMC"), length=100),
    Column(
        "parent", "上级代码", "Parent code", "code", gettext_noop("Code of the division above; empty means: by the first digits of its own."),
        "370983101000", required=False, aliases=("streetCode", "areaCode", "cityCode", "provinceCode"), digits=(2, 4, 6, 9, 12),
    ),
)  # fmt: skip


def padded(code: str) -> str:
    return code.ljust(12, "0")


def level_of(code: str) -> int:
    """1 province to 5 village, by the digits that are not filled up with zeros."""
    return next((level for level, length in Division.PREFIX_LENGTHS.items() if not code[length:].strip("0")), 5)


def parent_of(row: Row) -> str | None:
    """The stated division above, or the one the code's first digits name; a province has none.

    中山 and 东莞 have no counties: their towns' county is the city itself, and the county's row repeats the city.
    """
    code = padded(row.values["code"])
    stated = row.values["parent"]
    if stated and padded(stated) != code:
        return padded(stated)
    level = level_of(code)
    return padded(code[: Division.PREFIX_LENGTHS[level - 1]]) if level > 1 else None


def check(rows: list[Row], scope: Scope) -> Iterator[Issue]:
    there = {padded(row.values["code"]) for row in rows}
    parents = {parent for row in rows if (parent := parent_of(row))}
    known = there | set(Division.objects.filter(pk__in=parents - there).values_list("pk", flat=True))
    for row in rows:
        code, parent = padded(row.values["code"]), parent_of(row)
        if not code.startswith(scope.prefix):
            yield row.fault("T4", "code", "division_outside", "代码", value=code, scope=scope.division_code)
        elif parent is not None and not is_above(parent, code):
            yield row.fault("T4", "parent", "parent_mismatch", "上级代码", value=parent, code=code)
        elif parent is not None and parent not in known:
            yield row.fault("T4", "parent", "parent_unknown", "上级代码", value=parent)


def is_above(parent: str, code: str) -> bool:
    level = level_of(parent)
    return level < level_of(code) and code.startswith(parent[: Division.PREFIX_LENGTHS[level]])


def compare(rows: list[Row], scope: Scope, progress: Progress) -> Changes:
    """Stage the rows beside the stored ones and let the database sort them."""
    sql.row("villages/divisions_stage")
    total = len(rows)

    def told(count: int) -> None:
        progress(50 + 10 * count // max(total, 1), _("%(count)d rows compared") % {"count": count})

    made = sorted((padded(row.values["code"]), row.values["name"], parent_of(row), row.number) for row in rows)
    copy.copy_into(
        "divisions_staged",
        ["position", "code", "name", "level", "parent_id", "row_number"],
        ((n, code, name, level_of(code), parent, number) for n, (code, name, parent, number) in enumerate(made)),
        told,
    )
    new, changed, unchanged, absent, examples, codes, was = sql.row(
        "villages/divisions_compare", scope=f"{scope.prefix}%", examples=EXAMPLES
    )
    return Changes(
        new, changed, unchanged, absent,
        examples=[example(*row) for row in json.loads(examples)],
        work={"total": total, "made": codes, "was": was},
    )  # fmt: skip


def example(row: int, code: str, old_name: str, name: str, old_parent: str, parent: str) -> dict[str, Any]:
    pairs = [("name", old_name, name), ("parent", old_parent, parent)]
    return {
        "row": row,
        "label": code,
        "fields": [{"field": field, "old": old, "new": new} for field, old, new in pairs if old != new],
    }


def write(changes: Changes, scope: Scope, progress: Progress) -> dict[str, Any]:
    total = changes.work["total"]
    for first in range(0, total, STRETCH):
        progress(60 + 35 * first // total, _("%(count)d of %(total)d rows stored") % {"count": first, "total": total})
        sql.row("villages/divisions_upsert", first=first, stop=first + STRETCH)
    return {"made": json.loads(changes.work["made"]), "was": json.loads(changes.work["was"])}


def undo(before: dict[str, Any]) -> None:
    was = [Division(code=code, name=name, level=level, parent_id=parent) for code, name, level, parent in before["was"]]
    Division.objects.bulk_update(was, ["name", "level", "parent"], 1000)
    try:
        sql.row("villages/divisions_remove", codes=json.dumps(before["made"]))
    except IntegrityError as error:
        raise Conflict(
            _("The import cannot be taken back: villages or other divisions already stand under what it added.")
        ) from error


register(
    Kind(
        "divisions", gettext_noop("Administrative divisions"), gettext_noop("Provinces, cities, counties, townships and villages with their codes."),
        COLUMNS, ("code",), (Role.ADMINISTRATOR,), check, compare, write, undo,
    )
)  # fmt: skip
