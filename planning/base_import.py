"""Base data out of a file of the one-map family (一张图): DLTB becomes parcels, YJJBNT and its like control lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from planning import profiles, recoding, schema
from planning.quality import Case, run
from planning.schema import Matched
from planning.values import as_code
from portal.errors import PortalError
from portal.geo import crs, quality, readers
from portal.geo.issues import ERROR, Issue, Refused
from portal.models import User
from villages import base_data
from villages.base_data import BaseParcel, IssuedLine
from villages.models import ControlLine, Village

ONE_MAP = "yzt"
OF_FILE = ("F", "C", "S", "A2")
SLOPE, SETTLEMENT, QUALITY = ("GDPDJB", "PDJB"), ("CZCSXM",), ("GDDB", "GDZLDJ", "ZLDJ")
"""fields of the survey: slope class, settlement attribute, grade of the cropland"""
SLOPES, GRADES = range(1, 6), range(1, 11)
LEAST_M2 = 0.01
"""what a cut at the village's outline leaves of a line that only runs along it"""
LEVELS: dict[str, tuple[str, ...]] = {
    "ZHFXQ": ("FXDJ",), "HLFXKZX": ("FXDJ",), "LSWHBHX": ("BHJB",), "GYL": ("GJGYL_BHDJ", "BHDJ"),
    "GHFQ": ("GHFQDM", "FQDM"),
}  # fmt: skip
"""fields that state the level (级别) of a line, by kind; a profile may mark another with `means` level"""
CODED = ("GHFQ",)
"""kinds whose level is the code itself; of others the word counts that the profile's list of values has for it"""
NONE_HERE = ("YJJBNT", "STBHHX", "ZHFXQ", "LSWHBHX", "GYL")
"""kinds of which a village may truly have none: if the layer came and nothing lies in the village, that is on record"""


@dataclass
class Base:
    """What a file holds for a village; `issues` with an error mean that nothing may be stored."""

    parcels: list[BaseParcel] = field(default_factory=list)
    lines: list[IssuedLine] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    none_here: list[IssuedLine] = field(default_factory=list)
    """for each kind that was handed over and lies elsewhere, a line without ground"""
    undecided: int = 0
    """parcels whose survey code stands for several classes: the proposed one was taken"""

    @property
    def refused(self) -> bool:
        return any(i.level == ERROR for i in self.issues)


def import_base(
    path: Path, *, name: str, village: Village, source: str, by: User | None, profile: str = ONE_MAP, crs_: str = ""
) -> Base:
    """Read, judge and store; all of it or nothing. Raises NotAllowed for anybody but the county."""
    base_data.check_right(by, village)
    used = profiles.for_village(profile, village.code)
    try:
        reading = readers.read(path, name=name, crs=crs_ or used.content.get("crs"))
    except Refused as refused:
        return Base(issues=refused.issues)
    base = judged(reading.layers, used, village)
    if not base.refused:
        if not base.parcels and not base.lines and (not base.none_here or on_record(village, base.none_here)):
            raise PortalError(_("The file has no base land use and no control line of the village."), code="empty")
        base_data.replace(village, base.parcels, [*base.lines, *base.none_here], source=source, by=by)
    return base


def on_record(village: Village, kinds: list[IssuedLine]) -> bool:
    """Whether the village has lines of these kinds: a file with nothing in the village, likely that of another, takes none away."""
    return ControlLine.objects.valid_on().filter(village=village, kind__in=[line.kind for line in kinds]).exists()


def judged(layers: list[Any], used: schema.Profile, village: Village) -> Base:
    """Parcels and lines of a file with every fault of structure, value, place and geometry."""
    # a plan is not asked for, whatever the profile says
    used = replace(used, layers=tuple(replace(s, required=s.required and s.role != "zones") for s in used.layers))
    case = Case(village, used, layers, schema.match(layers, used), known_codes=profiles.known_codes())
    found = [i for result in run(case) if result.code.startswith(OF_FILE) for i in result.issues]
    base = Base(issues=[i for i in found if i.params.get("reason") != "no_zones"])
    for matched in case.of_role("base"):
        read_parcels(case, matched, base)
    came = [m for m in case.matched if m.spec.role == "line" or (m.spec.role == "feature" and kind_of(m))]
    for matched in came:
        base.issues += list(unsound(matched))
        if not base.refused:
            base.lines += lines_of(case, matched)
    found = {line.kind for line in base.lines}
    handed = {kind_of(m) for m in came if m.size}  # an empty layer may only be one that nobody filled
    if not base.refused:
        base.none_here = [IssuedLine(kind, "", shapely.MultiPolygon()) for kind in NONE_HERE if kind in handed - found]
    return base


def read_parcels(case: Case, matched: Matched, base: Base) -> None:
    """Parcels tile the village as zones do, and are checked so; their codes are converted and the survey's own kept."""
    stated = [None if v is None else as_code(v) for v in matched.of("code")]
    conversion = recoding.convert(matched, stated, case.profile)
    geoms = matched.layer.geometry
    base.issues += [
        i
        for i in quality.check_zones(
            matched.layer.name, conversion.codes, geoms, known_codes=set(case.known_codes), outline=case.outline,
            rules=case.profile.rules,
        )
        if i.level == ERROR
    ]  # fmt: skip
    base.undecided += len(conversion.needs_person)
    slopes, grades = whole(matched, SLOPE, SLOPES, base), whole(matched, QUALITY, GRADES, base)
    settlements = ["" if v is None else as_code(v)[:4] for v in surveyed(matched, SETTLEMENT)[1]]
    if not base.refused:
        base.parcels += [
            BaseParcel(code, (value or "")[:6], geom, slope, settlement, grade)
            for code, value, geom, slope, settlement, grade in zip(
                conversion.codes, stated, geoms, slopes, settlements, grades, strict=True
            )
        ]


def surveyed(matched: Matched, names: tuple[str, ...]) -> tuple[str, list[Any]]:
    """The first of these columns the file has, case ignored, and its cells; a profile need not know the field."""
    by_lower = {str(name).lower(): str(name) for name in matched.layer.fields}
    column = next((by_lower[name.lower()] for name in names if name.lower() in by_lower), None)
    return (names[0], [None] * matched.size) if column is None else (column, matched.values(column))


def whole(matched: Matched, names: tuple[str, ...], wanted: range, base: Base) -> list[int | None]:
    """Cells of a column as numbers of a range; anything else is a fault, unless the profile has a list of values and has
    said so. 0 and blanks say that there is none."""
    column, cells = surveyed(matched, names)
    judged = {matched.columns[f.name] for f in matched.spec.fields if f.domain and f.name in matched.columns}
    found: list[int | None] = []
    for row, cell in enumerate(cells, 1):
        text = "" if cell is None else as_code(cell)
        number = int(text) if text.isascii() and text.isdigit() else None
        if number not in wanted and text not in ("", "0", "00") and column not in judged:
            params = {
                "reason": "not_in_domain", "value": text[:100], "field": column, "domain": f"{wanted[0]}–{wanted[-1]}",
            }  # fmt: skip
            base.issues.append(Issue("S4", layer=matched.layer.name, row=row, params=params))
        found.append(number if number in wanted else None)
    return found


def unsound(matched: Matched) -> Iterator[Issue]:
    geoms = matched.layer.geometry
    good = np.isin(shapely.get_type_id(geoms), (3, 6)) & shapely.is_valid(geoms)
    for row in np.flatnonzero(~good) + 1:
        yield Issue("G1", layer=matched.layer.name, row=int(row), params={"reason": "invalid_geometry", "detail": ""})


def kind_of(matched: Matched) -> str:
    """The kind of control line a layer holds; empty if it is none."""
    kind = matched.spec.kind or matched.spec.name
    return kind if kind in ControlLine.Kind.values else ""


def lines_of(case: Case, matched: Matched) -> Iterator[IssuedLine]:
    """The parts of the lines that lie in the village: they are issued for a county."""
    kind = kind_of(matched)
    if not kind:
        return
    geoms = matched.layer.geometry
    near = np.flatnonzero(shapely.intersects(geoms, case.outline))
    names, levels = matched.named("MC") or [None] * matched.size, levels_of(case, matched, kind)
    for i in near:
        inside = polygons(shapely.intersection(geoms[i], case.outline))
        if not inside.is_empty and float(crs.area_m2(np.array([inside], object))[0]) >= LEAST_M2:
            yield IssuedLine(kind, str(names[i] or ""), inside, levels[i])


def levels_of(case: Case, matched: Matched, kind: str) -> list[str]:
    """The level of each line as the file states it; which level that is for a check is said by the rule `line_levels`."""
    marked = matched.column("level")
    column, cells = (marked, matched.values(marked)) if marked else surveyed(matched, LEVELS.get(kind, ("",)))
    listed = next((f.domain for f in matched.spec.fields if f.domain and matched.columns.get(f.name) == column), "")
    words = {} if kind in CODED else case.profile.domains.get(listed, {})
    stated = ["" if cell is None else as_code(cell) for cell in cells]
    return [words.get(level, level) for level in stated]


def polygons(geom: shapely.Geometry) -> shapely.Geometry:
    """The areas of a cut; where outlines only touch, a cut leaves points and lines too."""
    parts = [p for p in shapely.get_parts(shapely.get_parts(geom)) if p.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
