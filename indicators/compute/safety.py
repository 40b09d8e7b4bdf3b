"""Indicators of safety: room to flee to."""

from indicators.compute.areas import quotient
from indicators.compute.frames import Frames, Measure
from indicators.compute.standard import Standard


def shelter_per_person(frames: Frames, standard: Standard) -> Measure:
    """23 人均避难场所面积. Formula: A(shelters) / resident population (常住人口); unit m²/person.

    Numerator m², denominator persons, both facts of the base year: a plan file marks no shelters.
    Source: section 4.1 no. 23, expected.
    """
    known = frames.village.get("shelter_m2"), frames.village.get("resident_population") or None
    missing = "no_residents" if known[1] is None else "no_fact" if known[0] is None else ""
    per = ("m²", "person")
    return quotient("m²/person", 1.0, known, known, per=per, missing=missing, note="base_year_figure")
