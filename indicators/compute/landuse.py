"""Indicators summed from land-use classes: cropland, forest, wetland, construction land and what falls to each person.

Every function takes the frames and the counting rules and gives a `Measure`. Areas are ellipsoidal (椭球面积): the sum
of the zones' `area_m2`. Sections are those of the domain reference; the sets are in data/code_sets_national.json.
The base-year value is the same formula on the base-year parcels.
"""

from indicators.compute.areas import hectares, in_hectares, per_head, share_of_village
from indicators.compute.frames import Frames, Measure
from indicators.compute.standard import Standard


def cropland(frames: Frames, standard: Standard) -> Measure:
    """1 耕地保有量. Formula: A(plan, 01*); unit ha; numerator m², no denominator. Ridges (田坎 2303) not counted.

    Source: section 4.1 no. 1, binding (约束性).
    """
    return hectares(frames, standard["cropland"])


def construction(frames: Frames, standard: Standard) -> Measure:
    """4 村域建设用地总规模. Formula: A(plan, 07-16 and 2301); unit ha; numerator m², no denominator.

    06 农业设施建设用地 is agricultural land in the Land Administration Law's three-way split and is not counted.
    Source: section 4.1 no. 4, binding.
    """
    return hectares(frames, standard["construction"])


def urban_rural_construction(frames: Frames, standard: Standard) -> Measure:
    """5 城乡建设用地. Formula: no. 4 - A(1201-1206, 1311 区域基础设施) - A(15, 1002, 1003 其他建设用地).

    Unit ha; numerator m², no denominator. Source: section 4.1 no. 5, binding.
    """
    whole = construction(frames, standard)
    less = [hectares(frames, standard[name]) for name in ("regional_infrastructure", "other_construction")]
    sides = (
        None if getattr(whole, side) is None else getattr(whole, side) - sum(getattr(part, side) for part in less)
        for side in ("numerator", "base_numerator")
    )
    return in_hectares(*sides)


def village_construction(frames: Frames, standard: Standard) -> Measure:
    """6 村庄建设用地规模. Formula: A(plan, 0703, 0704, 08, 09, 1001, 11, 1207-1209, 13 without 1311, 14, 16, 2301).

    Unit ha; numerator m², no denominator. By class only: neither the village construction boundary nor the survey's
    settlement attribute (CZCSXM 203) restricts it, because a plan file carries no such attribute.
    Source: section 4.1 no. 6, binding or expected by province.
    """
    return hectares(frames, standard["village_construction"])


def public_services(frames: Frames, standard: Standard) -> Measure:
    """T4 公共管理与公共服务用地规模. Formula: A(plan, 08*); unit ha; numerator m², no denominator.

    Source: row 4 of the template at the head of section 4 (the list of section 4.1 has only its share, no. 12), expected.
    """
    return hectares(frames, standard["public_administration"])


def utilities(frames: Frames, standard: Standard) -> Measure:
    """T5 公用设施用地规模. Formula: A(plan, 13* without 1311); unit ha; numerator m², no denominator.

    Source: row 5 of the template at the head of section 4 (section 4.1 has no number for it), expected.
    """
    return hectares(frames, standard["utilities"])


def village_construction_per_person(frames: Frames, standard: Standard) -> Measure:
    """7 人均村庄建设用地. Formula: A(no. 6) / registered population (户籍人口); unit m²/person.

    Numerator m², denominator persons of the base year, for the plan as for the base: a plan file states no future
    population. Source: section 4.1 no. 7, expected (预期性).
    """
    people = frames.village.get("population")
    return per_head(village_construction(frames, standard), people, "person", "no_population")


def forest(frames: Frames, standard: Standard) -> Measure:
    """8 林地保有量. Formula: A(plan, 03*); unit ha; numerator m², no denominator.

    Source: section 4.1 no. 8, binding or expected by province.
    """
    return hectares(frames, standard["forest"])


def wetland(frames: Frames, standard: Standard) -> Measure:
    """9 湿地面积. Formula: A(plan, 05*); unit ha; numerator m², no denominator.

    Source: section 4.1 no. 9, binding or expected by province.
    """
    return hectares(frames, standard["wetland"])


def forest_cover(frames: Frames, standard: Standard) -> Measure:
    """15 森林覆盖率. Formula: A(plan, 0301 and 0302) / A(village) · 100; unit %; numerator and denominator m².

    Shrubs that count as forest (国家特别规定的灌木林) are said by the province: its profile widens the set `forest_cover`.
    Source: section 4.1 no. 15, expected.
    """
    return share_of_village(frames, standard["forest_cover"])


def intensity(frames: Frames, standard: Standard) -> Measure:
    """28 土地开发强度. Formula: A(no. 4) / A(village) · 100; unit %; numerator and denominator m².

    Source: section 4.1 no. 28, expected.
    """
    return share_of_village(frames, standard["construction"])
