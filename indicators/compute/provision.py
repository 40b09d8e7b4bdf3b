"""Indicators of daily services and income: shares of households and of waste, from the facts of the base year.

A plan states no figures of its own for these, so its value is that of the base year, and says so.
"""

from indicators.compute.areas import PERCENT, quotient
from indicators.compute.frames import Frames, Measure
from indicators.compute.standard import Standard

BASE_YEAR = "base_year_figure"


def piped_water(frames: Frames, standard: Standard) -> Measure:
    """18 自来水普及率. Formula: households with piped water / households · 100; unit %.

    Numerator and denominator households of the base year. Source: section 4.1 no. 18, expected.
    """
    return _of_households(frames, "piped_water_households")


def sewage(frames: Frames, standard: Standard) -> Measure:
    """19 生活污水处理率. Formula: households whose sewage is treated / households · 100; unit %.

    Numerator and denominator households of the base year; the volume is not asked. Source: section 4.1 no. 19, expected.
    """
    return _of_households(frames, "sewage_households")


def waste(frames: Frames, standard: Standard) -> Measure:
    """20 生活垃圾无害化处理率. Formula: waste treated / waste generated · 100; unit %; numerator and denominator t.

    Source: section 4.1 no. 20, expected.
    """
    amounts = frames.village.get("waste_treated_t"), frames.village.get("waste_generated_t")
    missing = "no_waste" if not amounts[1] or amounts[0] is None else ""
    return quotient("%", PERCENT, amounts, amounts, per=("t", "t"), missing=missing, note=BASE_YEAR)


def toilets(frames: Frames, standard: Standard) -> Measure:
    """21 卫生厕所普及率. Formula: households with a sanitary toilet / households · 100; unit %.

    Numerator and denominator households of the base year. Source: section 4.1 no. 21, expected.
    """
    return _of_households(frames, "toilet_households")


def collective_income(frames: Frames, standard: Standard) -> Measure:
    """33a 村集体经济收入. Formula: the figure of the statistics; unit 10,000 yuan; numerator the same, no denominator.

    Source: section 4.1 no. 33, expected.
    """
    return _figure(frames, "collective_income", "10,000 yuan")


def disposable_income(frames: Frames, standard: Standard) -> Measure:
    """33b 人均可支配收入. Formula: the figure of the statistics; unit yuan; numerator the same, no denominator.

    Source: section 4.1 no. 33, expected.
    """
    return _figure(frames, "disposable_income", "yuan")


def _of_households(frames: Frames, fact: str) -> Measure:
    counts = frames.village.get(fact), frames.village.get("households")
    missing = "no_households" if not counts[1] else "no_fact" if counts[0] is None else ""
    return quotient("%", PERCENT, counts, counts, per=("household", "household"), missing=missing, note=BASE_YEAR)


def _figure(frames: Frames, fact: str, unit: str) -> Measure:
    value = frames.village.get(fact)
    note = "no_fact" if value is None else BASE_YEAR
    return Measure(value, unit, value, unit, base_value=value, base_numerator=value, note=note)
