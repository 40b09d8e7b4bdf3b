"""Indicators of change between base year and plan, from the overlay of both."""

from indicators.compute.frames import Frames, Measure, shapes
from indicators.compute.overlay import pair_areas
from indicators.compute.standard import Standard
from indicators.compute.structure import M2_PER_HA


def new_construction(frames: Frames, standard: Standard) -> Measure:
    """24 新增建设用地. Formula: A(plan construction − base construction), the difference of the shapes; unit ha.

    Ground that is construction (07-16, 2301) in the plan and was not in the base year. Not a difference of sums: new
    homes are not offset by land given back elsewhere. Numerator m², no denominator, no base value (it is a change).
    Source: section 4.1 no. 24.
    """
    for frame, note in ((frames.plan, "no_plan"), (frames.base, "no_base")):
        if not len(frame):
            return Measure(None, "ha", None, "m²", note=note)
    codes = standard["construction"]
    plan, base = frames.plan[codes.mask(frames.plan["code"])], frames.base[codes.mask(frames.base["code"])]
    planned = plan["area_m2"].to_numpy(float)
    kept = pair_areas(shapes(plan), shapes(base), a_area=planned)[2].sum()
    area = max(float(planned.sum() - kept), 0.0)
    return Measure(area / M2_PER_HA, "ha", area, "m²")
