"""The printed lines of 国土空间用途结构调整表 in the reader's language, for pages and workbook."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from indicators import runs
from indicators.catalogue import STRUCTURE_ROWS
from indicators.compute.structure import official_table
from indicators.models import Run

M2_PER_HA = 10_000
MU_PER_HA = 15  # 1 公顷 = 15 亩
FITS_HA = 0.01  # the printed total is rounded to a hundredth of a hectare


@dataclass(frozen=True)
class StructureLine:
    """A printed line of 国土空间用途结构调整表; areas in ha and 亩, shares in % of the total. Without base-year parcels nobody
    knows what there was and what changes: None."""

    name: str
    kind: str
    depth: int
    codes: list[str]
    base_ha: float | None
    plan_ha: float
    base_pct: float | None
    plan_pct: float | None
    change_ha: float | None

    @property
    def base_mu(self) -> float | None:
        return in_mu(self.base_ha)

    @property
    def plan_mu(self) -> float | None:
        return in_mu(self.plan_ha)

    @property
    def change_mu(self) -> float | None:
        return in_mu(self.change_ha)


def in_mu(hectares: float | None) -> float | None:
    return None if hectares is None else hectares * MU_PER_HA


def known(run: Run, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with None for what nobody knows where there were no base-year parcels: what there was, and what changes."""
    unknown = () if runs.has_base(run) else ("base_ha", "base_pct", "change_ha")
    return [{key: None if key in unknown else value for key, value in row.items()} for row in rows]


def structure_lines(run: Run) -> list[StructureLine]:
    """The official table with its subtotals, in the reader's language."""
    english = get_language() == "en"
    return [
        StructureLine(
            name=str(STRUCTURE_ROWS[line["key"]]) if english and line["key"] in STRUCTURE_ROWS else line["name_zh"],
            **{
                key: line[key]
                for key in ("kind", "depth", "codes", "base_ha", "plan_ha", "base_pct", "plan_pct", "change_ha")
            },
        )
        for line in known(run, official_table(runs.structure_rows(run)))
    ]


def total_fits(run: Run, lines: list[StructureLine]) -> bool:
    """Whether the totals that are known are the village area: if not, zones or parcels do not tile the village."""
    village_ha = run.village_area_m2 / M2_PER_HA
    totals = (lines[-1].base_ha, lines[-1].plan_ha)
    return all(abs(total - village_ha) <= FITS_HA for total in totals if total is not None)
