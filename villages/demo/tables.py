"""Plans as attribute tables (GHYDYH, ZDXM) in the fields a county expects, and the way back to geometry files."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from villages.demo.geodesy import STORED, area_m2
from villages.demo.records import PlanDrawing

YSDM_ZONE = "2090020620"  # 规划用地用海

# Names of the 2023 classes the demo uses (自然资发〔2023〕234号).
LAND_USE = {
    "0102": "水浇地", "0103": "旱地", "0201": "果园", "0301": "乔木林地", "0303": "灌木林地", "0304": "其他林地",
    "0403": "其他草地", "060101": "村道用地", "060102": "田间道", "060201": "种植设施建设用地",
    "060202": "畜禽养殖设施建设用地", "070301": "一类农村宅基地", "0704": "农村社区服务设施用地", "080302": "文化活动用地",
    "080403": "中小学用地", "080602": "基层医疗卫生设施用地", "080701": "老年人社会福利用地", "0901": "商业用地",
    "090101": "零售商业用地", "090104": "旅馆用地", "100101": "一类工业用地", "110101": "一类物流仓储用地",
    "1202": "公路用地", "1207": "城镇村道路用地", "120803": "社会停车场用地", "1301": "供水用地", "1302": "排水用地",
    "1401": "公园绿地", "1403": "广场用地", "1503": "宗教用地", "1504": "文物古迹用地", "1506": "殡葬用地",
    "1703": "水库水面", "1704": "坑塘水面", "1705": "沟渠", "2306": "裸土地", "2307": "裸岩石砾地",
}  # fmt: skip


def zone_table(plan: PlanDrawing, code: str, name: str) -> gpd.GeoDataFrame:
    """Layer GHYDYH 规划用地用海: TBMJ is the ellipsoidal area in m² with two decimals."""
    rows = {
        "BSM": [f"{code}{n:06d}" for n in range(1, len(plan.zones) + 1)],
        "YSDM": [YSDM_ZONE] * len(plan.zones),
        "XZQDM": [code] * len(plan.zones),
        "XZQMC": [name] * len(plan.zones),
        "YDYHFLDM": [zone.code for zone in plan.zones],
        "YDYHFLMC": [LAND_USE[zone.code] for zone in plan.zones],
        "TBMJ": [round(area_m2(zone.geom), 2) for zone in plan.zones],
        "BZ": [zone.remark for zone in plan.zones],
    }
    return gpd.GeoDataFrame(rows, geometry=np.array([zone.geom for zone in plan.zones]), crs=STORED)


def project_table(plan: PlanDrawing) -> gpd.GeoDataFrame:
    """Layer ZDXM 重点项目: TZE in 万元, KSNF and JSNF first and last year."""
    rows = {
        "XMBH": [p.number for p in plan.projects],
        "XMMC": [p.name for p in plan.projects],
        "XMLX": [p.kind for p in plan.projects],
        "TZE": [p.budget for p in plan.projects],
        "ZJLY": [p.funding for p in plan.projects],
        "KSNF": [p.start for p in plan.projects],
        "JSNF": [p.end for p in plan.projects],
        "XMZT": [p.state for p in plan.projects],
        "BZ": [p.remark for p in plan.projects],
    }
    return gpd.GeoDataFrame(rows, geometry=np.array([p.geom for p in plan.projects]), crs=STORED)
