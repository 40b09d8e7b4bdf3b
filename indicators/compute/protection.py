"""Indicators of protected ground: the area of control lines inside the village."""

import shapely

from indicators.compute.frames import Frames, Measure
from indicators.compute.overlay import united
from indicators.compute.plane import Plane
from indicators.compute.standard import Standard
from indicators.compute.structure import M2_PER_HA


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
    outline, lines = frames.village.get("geom"), frames.lines_of(kind)
    if outline is None or not len(frames.lines):
        return Measure(None, "ha", None, "m²", note="no_outline" if outline is None else "no_lines")
    plane = Plane.around([outline])
    village = plane.flatten([outline])
    area = float(shapely.area(shapely.intersection(united(plane.flatten(lines)), village)).sum())
    return Measure(area / M2_PER_HA, "ha", area, "m²", note="" if len(lines) else "no_lines_of_kind")
