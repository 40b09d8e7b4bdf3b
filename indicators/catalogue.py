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

from indicators.compute import growth, landuse, members, protection
from indicators.compute.frames import Frames, Measure
from indicators.compute.standard import Standard

SHEET = "规划指标一览表（村庄规划）"
GUIDE = "自然资发〔2023〕234号"


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
              "A(01*)", ("plan", "base"), f"{SHEET}; {GUIDE}", landuse.cropland,
              scale=1e-4, shown=members.of_sets("cropland")),
    Indicator("2", _("Permanent basic farmland"), "永久基本农田保护面积", "ha", "binding", "more",
              _("A(YJJBNT ∩ village)"), ("lines", "village.geom"), SHEET, protection.permanent_farmland),
    Indicator("3", _("Ecological red line"), "生态保护红线面积", "ha", "binding", "more",
              _("A(STBHHX ∩ village)"), ("lines", "village.geom"), SHEET, protection.ecological_red_line),
    Indicator("4", _("Construction land"), "村域建设用地总规模", "ha", "binding", "less",
              "A(07-16, 2301)", ("plan", "base"), f"{SHEET}; {GUIDE}", landuse.construction,
              scale=1e-4, shown=members.of_sets("construction")),
    Indicator("5", _("Urban and rural construction land"), "城乡建设用地规模", "ha", "binding", "less",
              "#4 - A(1201-1206, 1311) - A(15, 1002, 1003)", ("plan", "base"), f"{SHEET}; {GUIDE}",
              landuse.urban_rural_construction),
    Indicator("6", _("Village construction land"), "村庄建设用地规模", "ha", "expected", "less",
              "A(0703, 0704, 08, 09, 1001, 11, 1207-1209, 13 - 1311, 14, 16, 2301)", ("plan", "base"),
              f"{SHEET}; {GUIDE}", landuse.village_construction,
              scale=1e-4, shown=members.of_sets("village_construction")),
    Indicator("7", _("Village construction land per person"), "人均村庄建设用地面积", "m²/person", "expected", "less",
              _("#6 / registered population"), ("plan", "base", "village.population"), SHEET,
              landuse.village_construction_per_person),
    Indicator("10", _("Homestead land"), "宅基地规模", "ha", "expected", "less",
              "A(0703*)", ("plan", "base"), f"{SHEET}; {GUIDE}", landuse.homesteads,
              scale=1e-4, shown=members.of_sets("homestead")),
    Indicator("11", _("Homestead land per household"), "户均宅基地面积", "m²/household", "expected", "less",
              _("#10 / households"), ("plan", "base", "village.households"), SHEET, landuse.homestead_per_household),
    Indicator("24", _("New construction land"), "新增建设用地规模", "ha", "expected", "less",
              _("A(plan construction − base construction)"), ("plan", "base"), SHEET, growth.new_construction),
)
# fmt: on

NOTES = {
    "no_plan": _("The plan holds no zones."),
    "no_base": _("There are no base-year parcels to compare with."),
    "no_population": _("The registered population of the village is not known."),
    "no_households": _("The number of households of the village is not known."),
    "no_outline": _("The outline of the village is not known."),
    "no_lines": _("No control lines are stored for the village."),
    "no_lines_of_kind": _("The village has no control line of this kind."),
    "no_construction_boundary": _(
        "No construction boundary is drawn for the village, so new construction cannot be checked against one."
    ),
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
