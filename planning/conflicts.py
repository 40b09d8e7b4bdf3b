"""The words for findings: what each check is called, the law behind it, and a finding in one sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning.models import Finding
from villages.models import ControlLine, Corridor


@dataclass(frozen=True)
class Check:
    """Name of a conflict check (冲突检测) and the law it rests on."""

    name: Promise
    law: str
    for_the_record: bool = False


CHECKS = {
    "K1": Check(gettext_lazy("Construction on permanent basic farmland"), "土地管理法第三十三条至第三十五条"),
    "K2": Check(
        gettext_lazy("Other crops than grain on permanent basic farmland"),
        "土地管理法第三十三条；土地管理法实施条例第十二条；自然资发〔2021〕166号",
    ),
    "K3": Check(gettext_lazy("Construction inside the ecological red line"), "自然资发〔2022〕142号"),
    "K4": Check(
        gettext_lazy("New construction outside the construction boundary"), "土地管理法第四条；自然资办发〔2019〕35号"
    ),
    "K5": Check(gettext_lazy("Cropland on slopes above 25 degrees"), "水土保持法第二十条；退耕还林条例"),
    "K6": Check(
        gettext_lazy("Homes, schools or clinics in a hazard area"), "地质灾害防治条例；防洪法；自然资办发〔2019〕35号"
    ),
    "K7": Check(
        gettext_lazy("New building in the core of a heritage area"),
        "文物保护法；历史文化名城名镇名村保护条例第二十八条",
    ),
    "K8": Check(
        gettext_lazy("Buildings too near to a road, railway, power line, pipeline or water"),
        "公路安全保护条例第十一条；电力设施保护条例；铁路安全管理条例；石油天然气管道保护法；河道管理条例；水污染防治法",
    ),
    "K9": Check(gettext_lazy("Homesteads above the limit, or more than one per household"), "土地管理法第六十二条"),
    "K10": Check(
        gettext_lazy("More construction land than issued, or than in the base year"),
        "土地管理法第十七条、第十八条；自然资办发〔2019〕35号",
    ),
    "K11": Check(gettext_lazy("Cropland that becomes construction land"), "土地管理法第三十条", for_the_record=True),
    "K12": Check(
        gettext_lazy("Cropland that becomes other farmland"),
        "土地管理法实施条例第十二条；自然资发〔2021〕166号",
        for_the_record=True,
    ),
    "K13": Check(gettext_lazy("Land use that the use zone does not allow"), "土地管理法第四条；自然资发〔2023〕234号"),
    "K14": Check(gettext_lazy("Facility farmland above its share or size"), "自然资规〔2019〕4号"),
    "K15": Check(
        gettext_lazy("Other use of protected public-welfare forest"),
        "森林法第四十八条、第四十九条；国家级公益林管理办法",
    ),
    "K16": Check(gettext_lazy("Table of the plan file differs from its map"), "自然资办发〔2019〕35号"),
    "K17": Check(
        gettext_lazy("New homes in a village that is to be relocated"),
        "乡村振兴战略规划（2018—2022年）；农规发〔2019〕1号",
    ),
    "K18": Check(gettext_lazy("Project without land, or land without a project"), "自然资办发〔2019〕35号"),
    "K19": Check(gettext_lazy("Road over homesteads"), "公路法；土地管理法第六十二条"),
}
"""Said here because residents and reviewers read of findings in planning; indicators.checks makes them (a test compares)."""

PERSONAL = frozenset({"K9"})
"""checks whose findings name a household: for staff of the division only, never on public pages or in the open API"""

KINDS = {
    "motorway": gettext_lazy("Motorway"),
    "trunk": gettext_lazy("Trunk road"),
    "primary": gettext_lazy("Primary road"),
    "secondary": gettext_lazy("Secondary road"),
    "tertiary": gettext_lazy("Tertiary road"),
    "unclassified": gettext_lazy("Minor road"),
    "road": gettext_lazy("Road"),
    **{kind.value: kind.label for kind in Corridor.Kind},
    **{kind.value: kind.label for kind in ControlLine.Kind},
}
"""Names of what a finding is in conflict with; kinds that are Chinese words already are shown as they are."""

LEVELS = {
    "high": gettext_lazy("high risk"),
    "medium": gettext_lazy("medium risk"),
    "low": gettext_lazy("low risk"),
    "unstated": gettext_lazy("level not stated"),
}


def name(code: str) -> str:
    return str(CHECKS[code].name) if code in CHECKS else code


def law(code: str) -> str:
    return CHECKS[code].law if code in CHECKS else ""


def area(square_metres: float) -> str:
    """An area as people say it: hectares, or square metres below a hundredth of a hectare."""
    if square_metres < 100:
        return _("%(area)s m²") % {"area": f"{square_metres:.0f}"}
    return _("%(area)s ha") % {"area": f"{square_metres / 10000:.2f}"}


def for_the_record(code: str, detail: Mapping[str, Any]) -> bool:
    """Whether a finding is no conflict but a piece of a ledger."""
    return detail.get("severity") == Finding.Severity.INFO or (code in CHECKS and CHECKS[code].for_the_record)


def sentence(code: str, category: str, square_metres: float, detail: Mapping[str, Any] | None = None) -> str:
    """A finding in plain words, with the figures it rests on."""
    return _together([_in_one_sentence(code, category, square_metres, detail or {}), reasons(detail or {})])


def _in_one_sentence(code: str, category: str, square_metres: float, detail: Mapping[str, Any]) -> str:
    values = {"name": name(code), "area": area(square_metres)}
    if category == Finding.Category.LEGACY:
        return _("Existed before the plan: %(name)s, %(area)s.") % values
    if category == Finding.Category.EXCEPTION:
        return _("Allowed as an authorised exception: %(name)s, %(area)s.") % values
    if for_the_record(code, detail):
        return _("For the record: %(name)s, %(area)s.") % values
    if category == Finding.Category.TECHNICAL:
        return _("Small misfit of the lines, not a real conflict: %(name)s, %(area)s.") % values
    if not square_metres:
        return _("Conflict: %(name)s.") % values
    return _("Conflict: %(name)s, %(area)s.") % values


def reasons(detail: Mapping[str, Any]) -> str:
    """The figures of a finding as sentences; empty where it has none."""
    values = {**detail, **{key: _figure(value) for key, value in detail.items() if isinstance(value, int | float)}}
    values["unit"] = UNITS.get(detail.get("unit", ""), detail.get("unit", ""))
    said = [str(words) % values for keys, words in REASONS if keys <= detail.keys()]
    if "against" in detail:
        said.append(str(AGAINST[detail["against"]]) % values)
    if what := said_of_line(detail):
        said.insert(0, what)
    return _together(said)


def _together(sentences: Iterable[str]) -> str:
    """Sentences one after the other; Chinese puts no space between them."""
    text = ""
    for sentence in filter(None, sentences):
        text = _("%(before)s %(sentence)s") % {"before": text, "sentence": sentence} if text else sentence
    return text


def said_of_line(detail: Mapping[str, Any]) -> str:
    """What it is in conflict with, and of which level."""
    kind = detail.get("line") or detail.get("kind")
    level = LEVELS.get(detail.get("level", ""), detail.get("level", ""))
    if kind and level:
        return _("%(what)s (%(level)s).") % {"what": KINDS.get(kind, kind), "level": level}
    if kind:
        return _("%(what)s.") % {"what": KINDS.get(kind, kind)}
    return _("Level %(level)s.") % {"level": level} if level else ""


def _figure(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


REASONS: tuple[tuple[frozenset[str], Promise], ...] = (
    (
        frozenset({"distance_m", "limit_m"}),
        gettext_lazy("Distance %(distance_m)s m; at least %(limit_m)s m are asked for."),
    ),
    (frozenset({"homesteads"}), gettext_lazy("The household has %(homesteads)s homesteads.")),
    (frozenset({"value_m2", "limit_m2"}), gettext_lazy("%(value_m2)s m²; the limit is %(limit_m2)s m².")),
    (frozenset({"value_pct", "limit_pct"}), gettext_lazy("%(value_pct)s %%; the limit is %(limit_pct)s %%.")),
    (
        frozenset({"table", "field", "value_ha", "computed_ha"}),
        gettext_lazy("%(table)s, %(field)s: the table says %(value_ha)s ha, the map %(computed_ha)s ha."),
    ),
    (
        frozenset({"table", "field", "value", "computed", "unit"}),
        gettext_lazy("%(table)s, %(field)s: the table says %(value)s %(unit)s, computed is %(computed)s %(unit)s."),
    ),
    (frozenset({"use_zone"}), gettext_lazy("Use zone %(use_zone)s.")),
    (frozenset({"project"}), gettext_lazy("Project: %(project)s.")),
    (frozenset({"base_unknown"}), gettext_lazy("Nothing is known of what stood there in the base year.")),
)

UNITS = {"m²/person": gettext_lazy("m² per person"), "site": gettext_lazy("sites")}
"""units of rows of tables that are words"""

AGAINST = {
    "base": gettext_lazy("The plan has %(value_ha)s ha, the base year %(limit_ha)s ha."),
    "issued": gettext_lazy("The plan has %(value_ha)s ha, %(limit_ha)s ha were issued."),
}
