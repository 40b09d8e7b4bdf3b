"""The two complete villages of the demo have a value for nearly every indicator, and the profiles fit them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from indicators.catalogue import INDICATORS
from indicators.compute.frames import Frames, no_rows
from indicators.compute.standard import load_standard
from villages.demo import generator, liugou, wubu
from villages.demo.geodesy import area_m2

NONE_ON_RECORD = {"T12"}  # the county has no coast


def frame(rows, **columns):
    geoms = np.empty(len(rows), object)
    geoms[:] = [row.geom for row in rows]
    data = {name: [get(row) for row in rows] for name, get in columns.items()}
    return pd.DataFrame({"number": range(1, len(rows) + 1), **data, "geom": geoms})


def drawn(code, version):
    county = generator.county()
    village = next(v for v in county.villages if v.code == code)
    complete = county.complete[code]
    places = pd.DataFrame(
        {"kind": [f.kind for f in complete.facilities], "name": [f.name for f in complete.facilities]}
    )
    places["geom"] = [f.point for f in complete.facilities]
    facts = {fact.code: fact.value for fact in village.facts}
    return Frames(
        base=frame(
            complete.parcels,
            code=lambda p: p.code,
            area_m2=lambda p: area_m2(p.geom),
            slope_class=lambda p: p.slope_class,
        ),
        plan=frame(complete.plans[version].zones, code=lambda z: z.code, area_m2=lambda z: area_m2(z.geom)),
        lines=frame(complete.lines, kind=lambda x: x.kind, area_m2=lambda x: area_m2(x.geom)),
        roads=frame(complete.roads, kind=lambda r: r.kind, hardened=lambda r: r.hardened),
        facilities=places,
        households=no_rows("households"),
        village={**facts, "geom": village.outline, "area_m2": area_m2(village.outline), "terrain": village.terrain},
    )


@pytest.mark.parametrize(("code", "version"), [(liugou.CODE, "v1"), (liugou.CODE, "v2"), (wubu.CODE, "v1")])
def test_nearly_every_indicator_has_a_value(code, version):
    frames, standard = drawn(code, version), load_standard()
    found = {name: indicator.function(frames, standard) for name, indicator in INDICATORS.items()}
    assert {name for name, measure in found.items() if measure.value is None} == NONE_ON_RECORD
    percent = {n: m.value for n, m in found.items() if m.unit == "%" and m.value is not None and n != "26"}
    assert all(0 <= value <= 100 for value in percent.values()), percent
    assert 0 < found["30"].value < 20
    assert 0 < found["27"].value <= 5


def projected(frame):
    """On the plane of Gauss and Krüger of the county, which a planner's desktop would use: areas 0.02 % too large at most."""
    return gpd.GeoDataFrame(frame, geometry="geom", crs=4490).to_crs(4548)


@pytest.mark.parametrize(("code", "version"), [(liugou.CODE, "v2"), (wubu.CODE, "v1")])
def test_overlays_of_the_demo_agree_with_geopandas(code, version):
    """Living circle, roads, high-standard and steep farmland, green cover: computed a second time with geopandas."""
    frames, standard = drawn(code, version), load_standard()
    plan, base, lines, roads, places = map(
        projected, (frames.plan, frames.base, frames.lines, frames.roads, frames.facilities)
    )
    of_kind = {kind: lines[lines["kind"] == kind].union_all() for kind in ("GBZNT", "CZJSBJ")}
    crops, homes = (plan[plan["code"].str.startswith(start)] for start in ("01", "0703"))
    wanted = {}
    wanted["29"] = crops.clip(of_kind["GBZNT"]).area.sum() / crops.area.sum() * 100
    steep = base[(base["slope_class"] == 5) & base["code"].str.startswith("01")]
    wanted["30"] = gpd.overlay(crops, steep[["geom"]], keep_geom_type=True).area.sum() / crops.area.sum() * 100
    green = plan[plan["code"].str.startswith(("14", "03"))].clip(of_kind["CZJSBJ"]).area.sum()
    wanted["14"] = (green + frames.village["tree_cover_m2"]) / of_kind["CZJSBJ"].area * 100
    wanted["17"] = roads.clip(of_kind["CZJSBJ"]).length.sum() / of_kind["CZJSBJ"].area * 1000
    wanted["16"] = roads[roads["hardened"] == True].length.sum() / roads.length.sum() * 100  # noqa: E712
    shares = []
    for row in standard.rules["living_circle"]["facilities"]:
        points = places[places["kind"].isin(row["kinds"])].geometry
        land = plan[plan["code"].str.startswith(tuple(row["classes"]))] if row["classes"] else plan.iloc[:0]
        circles = (
            pd.concat([points, land.geometry.centroid]).buffer(1000 / 1.3 / 1.2).union_all()
        )  # hills: a fifth more time
        shares.append(homes.intersection(circles).area.sum() / homes.area.sum() * 100)
    wanted["22"] = np.mean(shares)
    for name, value in wanted.items():
        assert INDICATORS[name].function(frames, standard).value == pytest.approx(value, rel=2e-3), name
