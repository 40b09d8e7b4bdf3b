"""Named places inside villages (自然村、村民小组、地名) as a table: by these names people look for where they live."""

from django.utils.translation import gettext_noop as _

from villages.models import Hamlet
from villages.tables.columns import Column
from villages.tables.facts import VILLAGE
from villages.tables.kinds import AUTHORS, COUNTY, Kind, register
from villages.tables.places import LAT, LON, check, named_points

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


TARGET = named_points(Hamlet)

register(
    Kind(
        "hamlets", _("Hamlets and place names"),
        _("Hamlets, villagers’ groups and place names with their places: residents find their place by them."), COLUMNS,
        ("village", "kind", "name"), (*AUTHORS, *COUNTY), check, TARGET.compare, TARGET.write, TARGET.undo,
    )
)  # fmt: skip
