"""The whole demo county in memory: `county()` is the only door a loader needs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import shapely
from shapely import Polygon

from villages.demo import divisions, facts, hamlets, liugou, outlines, village, wubu
from villages.demo.bend import splice
from villages.demo.geodesy import to_stored
from villages.demo.records import CompleteVillage, County, DivisionRow, VillageRecord

SEED = 370983
DRAWN = {liugou.CODE: (liugou, 3.4), wubu.CODE: (wubu, 3.2)}  # module and wished size in km²


@lru_cache(maxsize=2)
def county(seed: int = SEED) -> County:
    """Draw 肥城市: the same seed gives the same coordinates, always."""
    rows = divisions.rows()
    own = [row for row in rows if row.level == "village"]
    plane, complete = _drawn(_outlines(own, seed))
    stored = dict(zip(plane, to_stored(np.array(list(plane.values()))), strict=True))
    types, known = facts.village_types(own, seed), facts.village_facts(own, seed)
    terrains = facts.village_terrains(own, seed)
    villages = tuple(
        VillageRecord(
            r.code,
            r.display,
            types[r.code],
            stored[r.code],
            known[r.code],
            terrain=terrains[r.code],
            hamlets=hamlets.hamlets(r.code, r.display, stored[r.code], _homes(complete.get(r.code))),
        )
        for r in own
    )
    return County(divisions.COUNTY, tuple(_with_outlines(rows, stored)), villages, complete)


def _homes(drawn: CompleteVillage | None) -> list[Polygon] | None:
    return hamlets.homesteads(drawn.parcels) if drawn else None


def _outlines(own: list[DivisionRow], seed: int) -> dict[str, Polygon]:
    children: dict[str, list[str]] = {}
    for row in own:
        children.setdefault(row.parent[:9], []).append(row.code)
    return outlines.village_outlines(children, seed, {code: km2 for code, (_, km2) in DRAWN.items()})


def _drawn(plane: dict[str, Polygon]) -> tuple[dict[str, Polygon], dict[str, CompleteVillage]]:
    """Draw the complete villages; their neighbours take over the vertices that drawing adds to shared borders."""
    complete = {}
    for code, (module, _) in DRAWN.items():
        before = plane[code]
        refined, complete[code] = village.draw(module, before)
        touching = {c: p for c, p in plane.items() if c != code and p.intersects(before)}
        plane = plane | splice(before, refined, touching) | {code: refined}
    return plane, complete


def _with_outlines(rows: list[DivisionRow], stored: dict[str, Polygon]) -> list[DivisionRow]:
    """Township and county outlines are what their villages cover; province and city stay without."""
    prefix = {"county": 6, "township": 9}

    def outline(row: DivisionRow) -> shapely.Geometry | None:
        if row.level not in prefix:
            return None
        own = [geom for code, geom in stored.items() if code.startswith(row.code[: prefix[row.level]])]
        return shapely.coverage_union_all(np.array(own))

    return [replace(row, outline=outline(row)) for row in rows]
