"""Public facilities (公共服务设施) as a table: kind, name and place."""

from django.utils.translation import gettext_noop as _

from villages.models import Facility
from villages.tables.columns import Column
from villages.tables.facts import VILLAGE
from villages.tables.kinds import AUTHORS, COUNTY, Kind, register
from villages.tables.places import LAT, LON, check, named_points

FACILITY_KINDS = {
    "01": "村委会", "02": "综合服务中心", "03": "基层综合性文化服务中心", "04": "文化活动场所", "05": "健身场地", "06": "运动场地",
    "07": "中学", "08": "小学", "09": "托儿所幼儿园", "10": "幸福院", "11": "村卫生所", "12": "集贸市场", "13": "村邮站",
    "14": "公共厕所", "15": "供水", "16": "公交停靠点", "17": "停车场", "18": "垃圾转运站", "19": "垃圾收集点",
    "20": "污水处理", "21": "农村避灾点", "22": "电力", "23": "古街巷", "24": "古民居", "25": "宗祠寺庙", "26": "古树",
    "27": "古井", "28": "古桥", "99": "其他",
}  # fmt: skip
"""facility types of section 3.3 of the domain reference (公服设施类型)"""

COLUMNS = (
    VILLAGE,
    Column(
        "kind", "设施类型", "Facility type", "choice", _("Type of the facility, by number or name."), "11 村卫生所",
        aliases=("类型", "设施类型代码", "SSLX"), choices=FACILITY_KINDS,
    ),
    Column(
        "name", "设施名称", "Name", "text", _("Name of the facility; two of one type in a village need two names."), "柳沟村卫生所",
        aliases=("名称", "SSMC"), length=100,
    ),
    LON,
    LAT,
    Column("source", "来源", "Source", "text", _("Where it is from."), "实地调查", aliases=("数据来源",)),
)  # fmt: skip


TARGET = named_points(Facility)

register(
    Kind(
        "facilities", _("Public facilities"), _("Schools, clinics, squares and other facilities with their places."), COLUMNS,
        ("village", "kind", "name"), (*AUTHORS, *COUNTY), check, TARGET.compare, TARGET.write, TARGET.undo,
    )
)  # fmt: skip
