"""Write the drawn demo county (villages/demo) into the database; a second call changes nothing."""

from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction

from portal.geo.copy import copy_rows
from villages.demo.divisions import COUNTY
from villages.demo.generator import county
from villages.models import ControlLine, Corridor, Division, Facility, Fact, Hamlet, Household, Parcel, Road, Village

LEVELS = {"province": 1, "city": 2, "county": 3, "township": 4, "village": 5}
BASE_YEAR = 2020


@transaction.atomic
def load_county() -> int:
    """Divisions, villages, facts, and what lies in the complete villages; returns the number of villages written."""
    if Village.objects.filter(
        division__code__startswith=COUNTY[:6]
    ).exists():  # the benchmark's county may lie beside it
        return 0
    drawn = county()
    Division.objects.bulk_create(
        [
            Division(code=d.code, name=d.name, level=LEVELS[d.level], parent_id=d.parent or None)
            for d in sorted(drawn.divisions, key=lambda d: LEVELS[d.level])
        ],
        ignore_conflicts=True,
    )
    copy_rows(
        Village,
        ["division", "short_name", "type", "terrain", "base_year", "geom", "source", "revision"],
        ((v.code, v.name, v.type, v.terrain, BASE_YEAR, multi_hex(v.outline), v.source, 1) for v in drawn.villages),
    )
    Fact.objects.bulk_create(
        Fact(village_id=v.code, code=f.code, year=f.year, value=f.value, unit=f.unit, source=f.source)
        for v in drawn.villages
        for f in v.facts
    )
    copy_rows(
        Hamlet,
        ["village", "kind", "name", "geom", "source"],
        ((v.code, h.kind, h.name, point_hex(h.point), h.source) for v in drawn.villages for h in v.hamlets),
    )
    for village in drawn.complete.values():
        load_features(village)
    return len(drawn.villages)


def load_features(village: Any) -> None:
    copy_rows(
        Parcel,
        ["village", "number", "code", "survey_code", "slope_class", "settlement", "quality", "geom", "source"],
        (
            (village.code, p.number, p.code, "", p.slope_class, p.settlement, p.quality, multi_hex(p.geom), p.source)
            for p in village.parcels
        ),
    )
    copy_rows(
        ControlLine,
        ["village", "number", "kind", "name", "level", "valid_from", "geom", "source"],
        (
            (village.code, n, x.kind, x.name, x.level, x.valid_from, multi_hex(x.geom), x.source)
            for n, x in enumerate(village.lines, 1)
        ),
    )
    copy_rows(
        Facility,
        ["village", "kind", "name", "geom", "source"],
        ((village.code, f.kind, f.name, point_hex(f.point), f.source) for f in village.facilities),
    )
    copy_rows(
        Road,
        ["division", "kind", "name", "width_m", "hardened", "geom", "source"],
        ((village.code, r.kind, r.name, r.width_m, r.hardened, lines_hex(r.geom), r.source) for r in village.roads),
    )
    copy_rows(
        Corridor,
        ["division", "kind", "name", "geom", "source"],
        ((village.code, c.kind, c.name, lines_hex(c.geom), c.source) for c in village.corridors),
    )
    Household.objects.bulk_create(
        Household(
            village_id=village.code, number=h.number, head_name=h.head_name, persons=h.persons, homesteads=h.homesteads,
            homestead_m2=h.homestead_m2, remark=h.remark, place=h.point and GEOSGeometry(point_hex(h.point)),
        )
        for h in village.households
    )  # fmt: skip


def lines_hex(shape: Any) -> str:
    """A line or several as EWKB hex of a multiline."""
    return point_hex(shape if shape.geom_type == "MultiLineString" else shapely.MultiLineString([shape]))


def multi_hex(shape: Any) -> str:
    """A polygon or multipolygon as EWKB hex of a multipolygon."""
    shape = shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
    return point_hex(shape)


def point_hex(shape: Any) -> str:
    return str(shapely.to_wkb(shapely.set_srid(np.asarray(shape), 4490), hex=True, include_srid=True))
