"""Indicators of what is protected: the area of control lines inside the village, coast, heritage."""

import pandas as pd
import shapely

from indicators.compute.areas import M2_PER_HA, PERCENT, ground, quotient
from indicators.compute.frames import Frames, Measure, shapes
from indicators.compute.standard import Standard


def permanent_farmland(frames: Frames, standard: Standard) -> Measure:
    """2 永久基本农田. Formula: A(∪ YJJBNT ∩ village); unit ha; numerator m², no denominator.

    Ground under several overlapping lines is counted once. No base-year value: the line is issued, not surveyed.
    Source: section 4.1 no. 2, binding (约束性).
    """
    return _inside_village(frames, "YJJBNT")


def ecological_red_line(frames: Frames, standard: Standard) -> Measure:
    """3 生态保护红线. Formula: A(∪ STBHHX ∩ village); unit ha; numerator m², no denominator.

    As no. 2. Source: section 4.1 no. 3, binding.
    """
    return _inside_village(frames, "STBHHX")


def _inside_village(frames: Frames, kind: str) -> Measure:
    """0 with a note when the village has other lines but none of this kind; no value when it has no line at all."""
    outline = frames.village.get("geom")
    if outline is None or not len(frames.lines):
        return Measure(None, "ha", None, "m²", note="no_outline" if outline is None else "no_lines")
    area = float(shapely.area(ground(frames, kind)[1]).sum())
    return Measure(area / M2_PER_HA, "ha", area, "m²", note="" if len(frames.lines_of(kind)) else "no_lines_of_kind")


def natural_coast(frames: Frames, standard: Standard) -> Measure:
    """T12 大陆自然海岸线保有率. Formula: natural mainland coastline / mainland coastline · 100; unit %.

    Numerator and denominator m, both facts of the base year. Source: row 12 of the template at the head of section 4
    (section 4.1 has no number for it), binding where there is a coast.
    """
    facts = frames.village.get("natural_coastline_m"), frames.village.get("coastline_m")
    missing = "no_coast" if None in facts else ""
    return quotient("%", PERCENT, facts, facts, per=("m", "m"), missing=missing, note="base_year_figure")


def heritage(frames: Frames, standard: Standard) -> Measure:
    """32 自然和文化遗产. Formula: number of protected sites; unit 处; numerator the count, no denominator.

    The fact `heritage_sites`; where it is not on record, the facilities of the kinds for old lanes, houses, temples, trees,
    wells and bridges (rule `heritage_kinds`) that stand in the village.
    Source: section 4.1 no. 32 and row 13 of the template, expected.
    """
    known = frames.village.get("heritage_sites")
    if known is None and len(frames.facilities):
        known = float(len(heritage_places(frames, standard)))
    note = "no_heritage" if known is None else "base_year_figure"
    return Measure(known, "site", known, "site", base_value=known, base_numerator=known, note=note)


def heritage_places(frames: Frames, standard: Standard) -> pd.DataFrame:
    """Facilities of the kinds that are heritage (rule `heritage_kinds`) and stand in the village."""
    rows = frames.facilities[frames.facilities["kind"].isin(standard.rules["heritage_kinds"])]
    outline = frames.village.get("geom")
    return rows if outline is None or not len(rows) else rows[shapely.covers(outline, shapes(rows))]
