"""The conflict checks (冲突检查) the portal makes: one function in compute/conflicts/, one line here, one test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators.compute.conflicts import (
    boundaries,
    farmland,
    hazards,
    homesteads,
    projects,
    protection,
    red_line,
    setbacks,
    tables,
    totals,
)
from indicators.compute.frames import CheckResult, Frames
from indicators.compute.standard import Standard

Severity = Literal["block", "warn", "info"]
MILDER: dict[str, int] = {"block": 0, "warn": 1, "info": 2}


@dataclass(frozen=True)
class Check:
    """A check: how severe a conflict is, the law it rests on, and what to do about it.

    The severity is that of the rule: block, warn, or info where it is only kept for the record. How a finding is handled
    also depends on its category: legacy and technical ones are for an official to judge. `inputs` are the layers and facts
    the function looks at. `drawn` says whether it can judge a single polygon while it is drawn, or needs the whole plan.
    """

    code: str
    name: Promise
    severity: Severity
    law: str
    action: Promise
    function: Callable[[Frames, Standard], CheckResult]
    inputs: tuple[str, ...] = ("plan", "base", "lines")
    drawn: bool = True


def severity_of(rule: str, detail: Mapping[str, Any]) -> str:
    """How severe one finding is: a check may call it milder than its rule (a low level of hazard), never more severe."""
    return max(rule, detail.get("severity", rule), key=MILDER.__getitem__)


def _listed(*checks: Check) -> dict[str, Check]:
    return {check.code: check for check in checks}


CHECKS = _listed(
    Check(
        "K1",
        _("Construction on permanent basic farmland"),
        "block",
        "土地管理法第三十三条至第三十五条",
        _("Move the zone off the farmland or give it back to cultivation; only state-level major projects may ask."),
        farmland.construction_on_farmland,
    ),
    Check(
        "K2",
        _("Other crops than grain on permanent basic farmland"),
        "block",
        "土地管理法第三十三条；土地管理法实施条例第十二条；自然资发〔2021〕166号",
        _("Plan the ground as cropland; orchards and forest that stood there before are restored step by step."),
        farmland.other_crops_on_farmland,
    ),
    Check(
        "K3",
        _("Construction inside the ecological red line"),
        "block",
        "自然资发〔2022〕142号",
        _("Move the zone out, or have the province confirm it as one of the limited activities allowed there."),
        red_line.construction_in_red_line,
    ),
    Check(
        "K4",
        _("New construction outside the construction boundary"),
        "block",
        "土地管理法第四条；自然资办发〔2019〕35号",
        _("Move the new construction inside the village construction boundary, or have the boundary adjusted."),
        boundaries.new_construction_outside_boundary,
    ),
    Check(
        "K5",
        _("Cropland on slopes above 25 degrees"),
        "block",
        "水土保持法第二十条；退耕还林条例",
        _("Do not reclaim new cropland on the slope; what is tilled there already may return to forest."),
        farmland.cropland_on_steep_slopes,
        inputs=("plan", "base"),
    ),
    Check(
        "K6",
        _("Homes, schools or clinics in a hazard area"),
        "block",
        "地质灾害防治条例；防洪法；自然资办发〔2019〕35号",
        _("Move the buildings out of the hazard area, or give proof that the hazard has been dealt with."),
        hazards.buildings_in_hazard_areas,
    ),
    Check(
        "K7",
        _("New building in the core of a heritage area"),
        "warn",
        "文物保护法；历史文化名城名镇名村保护条例第二十八条",
        _(
            "Ask the heritage department for its opinion and keep it with the plan, or move the building out of the core."
        ),
        protection.new_building_in_heritage_core,
    ),
    Check(
        "K8",
        _("Buildings too near to a road, railway, power line, pipeline or water"),
        "warn",
        "公路安全保护条例第十一条；电力设施保护条例；铁路安全管理条例；石油天然气管道保护法；河道管理条例；水污染防治法",
        _("Move the buildings back to the distance, or ask the authority of the line for its consent."),
        setbacks.buildings_too_near,
        inputs=("plan", "base", "lines", "roads", "corridors"),
    ),
    Check(
        "K9",
        _("Homesteads above the limit, or more than one per household"),
        "warn",
        "土地管理法第六十二条",
        _("Write the lawful reason into the remark of the household, or settle what lies above the limit."),
        homesteads.households_over_the_limit,
        inputs=("households",),
        drawn=False,
    ),
    Check(
        "K10",
        _("More construction land than issued, or than in the base year"),
        "block",
        "土地管理法第十七条、第十八条；自然资办发〔2019〕35号",
        _("Give construction land back to cultivation elsewhere in the village, or have a larger scale issued."),
        totals.construction_in_all,
        inputs=("plan", "base", "village.target_4"),
        drawn=False,
    ),
    Check(
        "K11",
        _("Cropland that becomes construction land"),
        "info",
        "土地管理法第三十条",
        _("Offset it with cropland of the same area and quality (占补平衡); the ledger says what is still missing."),
        farmland.cropland_to_construction,
        inputs=("plan", "base"),
    ),
    Check(
        "K12",
        _("Cropland that becomes other farmland"),
        "info",
        "土地管理法实施条例第十二条；自然资发〔2021〕166号",
        _(
            "Bring in cropland of the same area and quality within the year (进出平衡); the ledger says what is missing."
        ),
        farmland.cropland_to_other_farming,
        inputs=("plan", "base"),
    ),
    Check(
        "K13",
        _("Land use that the use zone does not allow"),
        "warn",
        "土地管理法第四条；自然资发〔2023〕234号",
        _("Plan a class that the use zone allows, or have the use zones adjusted."),
        boundaries.class_against_use_zone,
    ),
    Check(
        "K14",
        _("Facility farmland above its share or size"),
        "warn",
        "自然资规〔2019〕4号",
        _("Reduce the facility farmland to its share, or show the permit of the county for more."),
        totals.facility_farmland_too_large,
        inputs=("plan",),
        drawn=False,
    ),
    Check(
        "K15",
        _("Other use of protected public-welfare forest"),
        "warn",
        "森林法第四十八条、第四十九条；国家级公益林管理办法",
        _("Keep the forest, or ask the forestry department to approve the use and adjust the public-welfare forest."),
        protection.other_use_of_welfare_forest,
    ),
    Check(
        "K16",
        _("Table of the plan file differs from its map"),
        "warn",
        "自然资办发〔2019〕35号",
        _("Compute the table anew from the map and hand the file in again."),
        tables.tables_against_database,
        inputs=(
            "plan",
            "base",
            "lines",
            "facilities",
            "features",
            "village.geom",
            "village.population",
            "village.natural_coastline_m",
            "village.coastline_m",
            "village.heritage_sites",
        ),
        drawn=False,
    ),
    Check(
        "K17",
        _("New homes in a village that is to be relocated"),
        "warn",
        "乡村振兴战略规划（2018—2022年）；农规发〔2019〕1号",
        _("Leave the new homes out until the village has moved, or have its type changed by the county."),
        homesteads.new_homes_where_people_leave,
        inputs=("plan", "base", "village.type"),
    ),
    Check(
        "K18",
        _("Project without land, or land without a project"),
        "warn",
        "自然资办发〔2019〕35号",
        _("Plan building land where the project is to stand, or take the project out of the list."),
        projects.projects_and_land,
        inputs=("plan", "base", "projects"),
        drawn=False,
    ),
    Check(
        "K19",
        _("Road over homesteads"),
        "warn",
        "公路法；土地管理法第六十二条",
        _("Move the road or the homestead, or agree with the household on another plot first."),
        setbacks.homesteads_under_roads,
        inputs=("plan", "base", "lines", "roads", "features"),
    ),
)
