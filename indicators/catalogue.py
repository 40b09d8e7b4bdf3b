"""The indicators the portal computes: one function (compute/), one line here, one test. Codes: domain section 4.1.

The words of notes and of the rows of the structure table are here too, so that gettext finds them: compute/ knows only
their keys.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from indicators.compute import (
    access,
    ecology,
    farmland,
    growth,
    landuse,
    members,
    protection,
    provision,
    safety,
    settlement,
)
from indicators.compute.frames import Frames, Measure
from indicators.compute.standard import Standard

SHEET = "规划指标一览表（村庄规划）"
GUIDE = "自然资发〔2023〕234号"
TEMPLATE_AND_GUIDE = f"{SHEET}；{GUIDE}"
LIST = "各省村庄规划编制导则的通行指标，公式未逐省核实"
CIRCLE = "TD/T 1062-2021 社区生活圈规划技术指南；参数为示例参数，未核实"
FLEX = "自然资办发〔2019〕35号"
XIE = "谢高地等（2015）当量因子法；地类对应为示例参数，未核实"
INVEST = "InVEST 碳库方法；碳密度为示例参数，未核实"


@dataclass(frozen=True)
class Indicator:
    """An indicator (指标): `better` says in which direction a binding target binds (more: at least, less: at most).

    value = numerator / denominator · `scale`. `inputs` are the layers and facts the function looks at, and nothing else:
    a result is kept as long as these do not change. `shown` gives the shapes that made the number (compute.members), or
    None where it comes from a table alone.
    """

    code: str
    name_en: Promise
    name_zh: str
    unit: str
    binding: Literal["binding", "expected"]
    better: Literal["more", "less"] | None
    computed_as: str | Promise
    inputs: tuple[str, ...]
    source: str
    function: Callable[[Frames, Standard], Measure]
    scale: float = 1.0
    shown: Callable[[Frames, Standard], pd.DataFrame] | None = None

    @property
    def name(self) -> str:
        """The name in the reader's language; the Chinese one is the standard term, not a translation."""
        return str(self.name_en) if get_language() == "en" else self.name_zh

    @property
    def formula(self) -> str:
        """The formula in codes of classes and layers (A is an area), its words in the reader's language."""
        return str(self.computed_as)


def _listed(*indicators: Indicator) -> dict[str, Indicator]:
    return {indicator.code: indicator for indicator in indicators}


# fmt: off
INDICATORS = _listed(
    Indicator("1", _("Cropland retained"), "耕地保有量", "ha", "binding", "more",
              "A(01*)", ("plan", "base"), TEMPLATE_AND_GUIDE, landuse.cropland,
              scale=1e-4, shown=members.of_sets("cropland")),
    Indicator("2", _("Permanent basic farmland"), "永久基本农田保护面积", "ha", "binding", "more",
              _("A(YJJBNT ∩ village)"), ("lines", "village.geom"), SHEET, protection.permanent_farmland,
              scale=1e-4, shown=members.lines_inside("YJJBNT")),
    Indicator("3", _("Ecological red line"), "生态保护红线面积", "ha", "binding", "more",
              _("A(STBHHX ∩ village)"), ("lines", "village.geom"), SHEET, protection.ecological_red_line,
              scale=1e-4, shown=members.lines_inside("STBHHX")),
    Indicator("4", _("Construction land"), "村域建设用地总规模", "ha", "binding", "less",
              "A(07-16, 2301)", ("plan", "base"), TEMPLATE_AND_GUIDE, landuse.construction,
              scale=1e-4, shown=members.of_sets("construction")),
    Indicator("5", _("Urban and rural construction land"), "城乡建设用地规模", "ha", "binding", "less",
              "#4 - A(1201-1206, 1311) - A(15, 1002, 1003)",
              ("plan", "base"), TEMPLATE_AND_GUIDE, landuse.urban_rural_construction,
              scale=1e-4, shown=members.without("construction", "regional_infrastructure", "other_construction")),
    Indicator("6", _("Village construction land"), "村庄建设用地规模", "ha", "expected", "less",
              "A(0703, 0704, 08, 09, 1001, 11, 1207-1209, 13 - 1311, 14, 16, 2301)",
              ("plan", "base"), TEMPLATE_AND_GUIDE, landuse.village_construction,
              scale=1e-4, shown=members.of_sets("village_construction")),
    Indicator("T4", _("Land for public administration and services"), "公共管理与公共服务用地规模", "ha", "expected", None,
              "A(08*)", ("plan", "base"), TEMPLATE_AND_GUIDE, landuse.public_services,
              scale=1e-4, shown=members.of_sets("public_administration")),
    Indicator("T5", _("Land for public utilities"), "公用设施用地规模", "ha", "expected", None,
              "A(13* - 1311)", ("plan", "base"), TEMPLATE_AND_GUIDE, landuse.utilities,
              scale=1e-4, shown=members.of_sets("utilities")),
    Indicator("7", _("Village construction land per person"), "人均村庄建设用地面积", "m²/person", "expected", "less",
              _("#6 / registered population"),
              ("plan", "base", "village.population"), SHEET, landuse.village_construction_per_person,
              shown=members.of_sets("village_construction")),
    Indicator("8", _("Forest land retained"), "林地保有量", "ha", "binding", "more",
              "A(03*)", ("plan", "base"), TEMPLATE_AND_GUIDE, landuse.forest,
              scale=1e-4, shown=members.of_sets("forest")),
    Indicator("9", _("Wetland"), "湿地面积", "ha", "binding", "more",
              "A(05*)", ("plan", "base"), TEMPLATE_AND_GUIDE, landuse.wetland,
              scale=1e-4, shown=members.of_sets("wetland")),
    Indicator("10", _("Homestead land"), "宅基地规模", "ha", "expected", "less",
              "A(0703*)", ("plan", "base"), LIST, settlement.homesteads,
              scale=1e-4, shown=members.of_sets("homestead")),
    Indicator("11", _("Homestead land per household"), "户均宅基地面积", "m²/household", "expected", "less",
              _("#10 / households"),
              ("plan", "base", "village.households"), LIST, settlement.homestead_per_household,
              shown=members.of_sets("homestead")),
    Indicator("12", _("Share of public service land"), "公服用地占比", "%", "expected", "more",
              "A(0704, 08*) / #6", ("plan", "base"), LIST, settlement.public_service_share,
              scale=100, shown=members.of_sets("public_services")),
    Indicator("13", _("Public green space per person"), "人均公共绿地面积", "m²/person", "expected", "more",
              _("A(1401, 1403) / resident population"),
              ("plan", "base", "village.resident_population"), LIST, settlement.green_per_person,
              shown=members.of_sets("public_green")),
    Indicator("14", _("Green cover of the village"), "村庄绿化覆盖率", "%", "expected", "more",
              _("(A(14*, 03* ∩ CZJSBJ) + tree cover) / A(CZJSBJ)"),
              ("plan", "base", "lines", "village.geom", "village.tree_cover_m2"), LIST, settlement.green_cover,
              scale=100, shown=members.zones_inside("green_cover", "CZJSBJ")),
    Indicator("15", _("Forest cover"), "森林覆盖率", "%", "expected", "more",
              _("A(0301, 0302) / A(village)"), ("plan", "base", "village.area_m2"), LIST, landuse.forest_cover,
              scale=100, shown=members.of_sets("forest_cover")),
    Indicator("16", _("Hardened roads"), "道路硬化率", "%", "expected", "more",
              _("length of hardened roads / length of roads; else households with hardened access / households"),
              ("roads", "village.geom", "village.road_access_households", "village.households"), LIST, access.hardened_roads,
              scale=100, shown=members.roads_inside()),
    Indicator("17", _("Road density"), "路网密度", "km/km²", "expected", "more",
              _("length of roads in CZJSBJ / A(CZJSBJ)"),
              ("roads", "lines", "village.geom"), LIST, access.road_density,
              scale=1000, shown=members.roads_inside("CZJSBJ")),
    Indicator("18", _("Households with piped water"), "自来水普及率", "%", "expected", "more",
              _("households with piped water / households"),
              ("village.piped_water_households", "village.households"), LIST, provision.piped_water,
              scale=100),
    Indicator("19", _("Sewage treated"), "生活污水处理率", "%", "expected", "more",
              _("households whose sewage is treated / households"),
              ("village.sewage_households", "village.households"), LIST, provision.sewage,
              scale=100),
    Indicator("20", _("Waste treated"), "生活垃圾无害化处理率", "%", "expected", "more",
              _("waste treated / waste generated"),
              ("village.waste_treated_t", "village.waste_generated_t"), LIST, provision.waste,
              scale=100),
    Indicator("21", _("Households with a sanitary toilet"), "卫生厕所普及率", "%", "expected", "more",
              _("households with a sanitary toilet / households"),
              ("village.toilet_households", "village.households"), LIST, provision.toilets,
              scale=100),
    Indicator("22", _("15-minute living circle"), "15分钟生活圈覆盖率", "%", "expected", "more",
              _("mean over the kinds of facility of A(0703* within 15 minutes on foot) / A(0703*), estimated without a network of ways"),
              ("plan", "base", "facilities", "village.terrain"), CIRCLE, access.living_circle,
              scale=100, shown=members.living_circle),
    Indicator("23", _("Emergency shelter per person"), "人均避难场所面积", "m²/person", "expected", "more",
              _("area of shelters / resident population"),
              ("village.shelter_m2", "village.resident_population"), LIST, safety.shelter_per_person),
    Indicator("24", _("New construction land"), "新增建设用地规模", "ha", "expected", "less",
              _("A(plan construction − base construction)"), ("plan", "base"), LIST, growth.new_construction,
              scale=1e-4, shown=members.new_construction),
    Indicator("25", _("Construction land given back"), "减量（复垦）规模", "ha", "expected", "more",
              _("A(base construction − plan construction)"), ("plan", "base"), LIST, growth.reduction,
              scale=1e-4, shown=members.reduction),
    Indicator("26", _("Growth of village construction land"), "村庄建设用地变化率", "%", "expected", "less",
              _("(#6 plan − #6 base) / #6 base"), ("plan", "base"), LIST, settlement.village_growth,
              scale=100, shown=members.of_sets("village_construction")),
    Indicator("27", _("Share of the flexible quota"), "机动指标占比", "%", "binding", "less",
              _("flexible quota / #6"), ("plan", "village.flex_quota_m2"), FLEX, settlement.flex_share,
              scale=100, shown=members.flexible_zones),
    Indicator("28", _("Intensity of land development"), "土地开发强度", "%", "expected", "less",
              _("#4 / A(village)"), ("plan", "base", "village.area_m2"), LIST, landuse.intensity,
              scale=100, shown=members.of_sets("construction")),
    Indicator("29", _("Share of high-standard farmland"), "高标准农田占比", "%", "expected", "more",
              "A(01* ∩ GBZNT) / A(01*)", ("plan", "base", "lines", "village.geom"), LIST, farmland.high_standard,
              scale=100, shown=members.zones_inside("cropland", "GBZNT")),
    Indicator("30", _("Cropland steeper than 25°"), "25°以上坡耕地占比", "%", "expected", "less",
              _("A(01* on parcels with GDPDJB 5) / A(01*)"), ("plan", "base"), LIST, farmland.steep,
              scale=100, shown=members.steep_cropland),
    Indicator("31", _("Share of agricultural facility land"), "设施农用地占比", "%", "expected", "less",
              "A(0602*) / A(01*, 02*)", ("plan", "base"), LIST, farmland.facility_share,
              scale=100, shown=members.of_sets("facility_farmland")),
    Indicator("32", _("Natural and cultural heritage"), "自然和文化遗产", "site", "expected", "more",
              _("number of protected sites"),
              ("facilities", "village.heritage_sites", "village.geom"), SHEET, protection.heritage,
              shown=members.heritage),
    Indicator("T12", _("Natural mainland coastline"), "大陆自然海岸线保有率", "%", "binding", "more",
              _("natural mainland coastline / mainland coastline"),
              ("village.natural_coastline_m", "village.coastline_m"), SHEET, protection.natural_coast,
              scale=100),
    Indicator("33a", _("Collective income"), "村集体经济收入", "10,000 yuan", "expected", "more",
              _("figure of the statistics"), ("village.collective_income",), LIST, provision.collective_income),
    Indicator("33b", _("Disposable income per person"), "人均可支配收入", "yuan", "expected", "more",
              _("figure of the statistics"), ("village.disposable_income",), LIST, provision.disposable_income),
    Indicator("34a", _("Value of ecosystem services"), "生态系统服务价值", "yuan/a", "expected", None,
              _("Σ A · equivalent factors · value of a standard equivalent"),
              ("plan", "base"), XIE, ecology.ecosystem_services,
              shown=members.of_table("ecosystem_services")),
    Indicator("34b", _("Carbon stored"), "碳储量", "tC", "expected", None,
              _("Σ A · density of carbon"), ("plan", "base"), INVEST, ecology.carbon,
              shown=members.of_table("carbon")),
)
# fmt: on

TEMPLATE = ("4", "5", "6", "T4", "T5", "7", "3", "2", "1", "8", "9", "T12", "32")
"""The thirteen rows of 规划指标一览表 in their order; those without a number of their own in section 4.1 are T and the row."""

NOTES = {
    "no_plan": _("The plan holds no zones."),
    "no_base": _("There are no base-year parcels to compare with."),
    "no_population": _("The registered population of the village is not known."),
    "no_residents": _("The resident population of the village is not known."),
    "no_households": _("The number of households of the village is not known."),
    "no_fact": _("The figure is not on record for the village."),
    "no_waste": _("How much waste there is and how much is treated is not on record for the village."),
    "no_coast": _("No mainland coastline is on record for the village."),
    "no_heritage": _("Neither a number of heritage sites nor any facility is on record for the village."),
    "no_roads": _("No roads are on record for the village, nor households with hardened access."),
    "no_facilities": _("No public facilities are on record for the village."),
    "no_homesteads": _("The plan has no homesteads."),
    "no_flex_quota": _("No flexible quota is on record, and no zone says that it is drawn from one."),
    "no_tree_cover": _(
        "Tree cover outside green land is not on record and not counted, so the true share may be higher."
    ),
    "some_slope_unknown": _("Some cropland of the base year states no slope class and counts as gentle."),
    "some_roads_unknown": _("Roads of which it is not known whether they are hardened are left out."),
    "by_household": _(
        "Counted by households with hardened access, because of no road it is known whether it is hardened."
    ),
    "base_year_figure": _("A figure of the base year; the plan states none of its own."),
    "estimated": _(
        "Estimated: distances are straight lines with a detour factor, because no network of ways is on record."
    ),
    "sample_table": _("For information: computed with a sample table that has not been checked for this region."),
    "nothing_to_share": _("There is nothing of which a share could be taken."),
    "no_outline": _("The outline of the village is not known."),
    "no_lines": _("No control lines are stored for the village."),
    "no_lines_of_kind": _("No control line of this kind is stored for the village."),
    "no_construction_boundary": _(
        "No construction boundary is drawn for the village, so new construction cannot be checked against one."
    ),
    "no_rule": _("No profile states the rule this check needs."),
    "no_slope": _("The slope of the parcels is not known."),
    "no_setback_lines": _(
        "No road, railway, power line, pipeline or water with a distance to keep is stored near the village."
    ),
    "no_household_rows": _("No list of the households is stored for the village."),
    "no_tilled_land": _(
        "The plan holds no cropland or orchards to compare with, so only the size of each zone is checked."
    ),
    "no_homestead_limit": _("No limit of the province is stated, so only the number of homesteads is checked."),
    "base_unknown": _("There are no base-year parcels, so nothing is known of what stood there before."),
    "unlisted_levels": _("No rule lists these levels of the lines, so they count as unstated"),
    "unlisted_use_zones": _("No rule says what these use zones allow"),
    "rows_not_compared": _("No figure is known to hold these rows of the tables against, so they were not compared"),
    "no_tables": _("The plan file holds no indicator or structure table."),
    "no_village_type": _("The type of the village is not known."),
    "no_projects": _("The plan has no projects with a place on the map."),
    "no_road_lines": _("No red line of a road and no road with a known width is stored near the village."),
}
"""Why a value is missing or a check was not made, by `Measure.note` and `CheckResult.note`."""

STRUCTURE_ROWS = {
    "cropland": _("Cultivated land"),
    "orchard": _("Orchards and plantations"),
    "forest": _("Forest"),
    "grassland": _("Grassland"),
    "wetland": _("Wetland"),
    "facility_land": _("Agricultural facility land"),
    "town": _("Town land"),
    "residential": _("Housing and community services"),
    "public_services": _("Public administration and services"),
    "commercial": _("Commerce and services"),
    "industrial": _("Industry"),
    "storage": _("Storage"),
    "village_roads": _("Village streets"),
    "transport_stations": _("Stations and parking"),
    "other_transport": _("Other transport facilities"),
    "utilities": _("Public utilities"),
    "green_space": _("Green and open space"),
    "reserved": _("Reserved land"),
    "vacant": _("Vacant land"),
    "village": _("Village construction land, subtotal"),
    "undivided": _("Urban and rural construction land, not divided further"),
    "urban_rural": _("Urban and rural construction land, subtotal"),
    "regional_infrastructure": _("Regional infrastructure"),
    "other_construction": _("Other construction land"),
    "construction": _("Construction land, subtotal"),
    "inland_water": _("Inland waters"),
    "sea_use": _("Sea use"),
    "other_land": _("Other land"),
    "other_sea": _("Other sea area"),
    "unknown": _("Classes outside the table"),
    "total": _("Total"),
}
"""Names of the rows of 国土空间用途结构调整表, by `key` of compute.structure.official_table."""
