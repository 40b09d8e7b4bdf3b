"""Indicators of change between base year and plan, from the overlay of both."""

import pandas as pd

from indicators.compute.areas import in_hectares
from indicators.compute.frames import Frames, Measure, shapes
from indicators.compute.overlay import pair_areas
from indicators.compute.standard import CodeSet, Standard


def new_construction(frames: Frames, standard: Standard) -> Measure:
    """24 新增建设用地. Formula: A(plan construction − base construction), the difference of the shapes; unit ha.

    Ground that is construction (07-16, 2301) in the plan and was not in the base year. Not a difference of sums: new
    homes are not offset by land given back elsewhere. Numerator m², no denominator, no base value (it is a change).
    Source: section 4.1 no. 24.
    """
    return _missing(frames) or _left(frames.plan, frames.base, standard["construction"])


def reduction(frames: Frames, standard: Standard) -> Measure:
    """25 减量(复垦). Formula: A(base construction − plan construction), the difference of the shapes; unit ha.

    Ground that was construction (07-16, 2301) in the base year and is planned as something else. Numerator m², no
    denominator, no base value (it is a change). Source: section 4.1 no. 25.
    """
    return _missing(frames) or _left(frames.base, frames.plan, standard["construction"])


def _missing(frames: Frames) -> Measure | None:
    for frame, note in ((frames.plan, "no_plan"), (frames.base, "no_base")):
        if not len(frame):
            return Measure(None, "ha", None, "m²", note=note)
    return None


def _left(one: pd.DataFrame, other: pd.DataFrame, codes: CodeSet) -> Measure:
    """Area of the classes in one layer that is not of them in the other."""
    one, other = one[codes.mask(one["code"])], other[codes.mask(other["code"])]
    sizes = one["area_m2"].to_numpy(float)
    both = pair_areas(shapes(one), shapes(other), a_area=sizes)[2].sum()
    measure = in_hectares(max(float(sizes.sum() - both), 0.0), None)
    return Measure(measure.value, "ha", measure.numerator, "m²")
