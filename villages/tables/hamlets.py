"""Named places inside villages (自然村、村民小组、地名) as a table: by these names people look for where they live."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop as _

from portal.geo.issues import Issue
from villages.models import Hamlet
from villages.tables import upsert
from villages.tables.columns import Column
from villages.tables.facts import VILLAGE
from villages.tables.kinds import AUTHORS, COUNTY, Kind, Row, Scope, register
from villages.tables.places import LAT, LON, misplaced, plain, point, restored

HAMLET_KINDS = {
    Hamlet.Kind.HAMLET.value: "自然村", Hamlet.Kind.GROUP.value: "村民小组", Hamlet.Kind.PLACE.value: "地名"
}  # fmt: skip

COLUMNS = (
    VILLAGE,
    Column(
        "kind", "类型", "Kind", "choice", _("Hamlet, villagers’ group or place name."), "自然村",
        aliases=("地名类型",), choices=HAMLET_KINDS,
    ),
    Column("name", "名称", "Name", "text", _("Name as people say it."), "前柳沟", aliases=("地名", "自然村名称"), length=60),
    LON,
    LAT,
    Column("source", "来源", "Source", "text", _("Where it is from."), "第二次全国地名普查", aliases=("数据来源",)),
)  # fmt: skip


def values(row: Row) -> dict[str, Any]:
    said = row.values
    return {
        "village_id": said["village"], "kind": said["kind"], "name": said["name"], "geom": point(row), "source": said["source"],
    }  # fmt: skip


TARGET = upsert.Target(
    Hamlet, ("village_id", "kind", "name"), ("geom", "source"), values, plain, restored,
    lambda hamlet: f"{hamlet.village_id} · {hamlet.name}",
)  # fmt: skip


def check(rows: list[Row], scope: Scope) -> Iterator[Issue]:
    unknown = list(upsert.unknown_villages(rows, scope))
    yield from unknown
    if not unknown:
        yield from misplaced(rows)


register(
    Kind(
        "hamlets", _("Hamlets and place names"),
        _("Hamlets, villagers’ groups and place names with their places: residents find their place by them."), COLUMNS,
        ("village", "kind", "name"), (*AUTHORS, *COUNTY), check, TARGET.compare, TARGET.write, TARGET.undo,
    )
)  # fmt: skip
