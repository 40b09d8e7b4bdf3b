"""A what-if on real statutory plans, held against the same change made with plain overlays, stored and judged in full."""

import numpy as np
import shapely

from indicators import runs, whatifs
from indicators.models import WhatIf
from planning.models import Comment, PlanVersion, Project, Zone
from portal.models import Role
from tests import world
from tests.grid import geos
from tests.indicators.test_indicators_real_plans import judged as real  # noqa: F401  a real plan with a base year and lines
from tests.indicators.what_if_case import check_against, computed


def middle_square(version, share=0.02):
    """A square over borders in the middle of the plan, its corners on round figures as whoever draws it sends them."""
    zones = np.array(shapely.from_wkb([bytes(g.wkb) for g in version.zones.values_list("geom", flat=True)]), object)
    west, south, east, north = shapely.total_bounds(zones)
    centre = shapely.Point((west + east) / 2, (south + north) / 2)
    on_a_border = shapely.get_coordinates(zones[shapely.distance(zones, centre).argmin()])[0]
    (x, y), half = on_a_border, (east - west) * share
    return shapely.box(*(round(v, 9) for v in (x - half, y - half, x + half, y + half)))


def with_change(version: PlanVersion, land: shapely.Geometry, code: str) -> PlanVersion:
    """The plan with the land cut out of its zones by shapely, in degrees, as another version."""
    made = PlanVersion.objects.create(plan=version.plan, number=version.number + 1)
    rows = [made_zone(made, z, shapely.from_wkb(bytes(z.geom.wkb)), land) for z in version.zones.order_by("number")]
    top = max(z.number for z in version.zones.all())
    covered = [
        shapely.from_wkb(bytes(g.wkb)) for g in (*version.zones.values_list("geom", flat=True), version.village.geom)
    ]
    inside = shapely.union_all(shapely.intersection(covered, land))  # land without a zone gets one, within the village
    rows.append(Zone(version=made, number=top + 1, code=code, geom=geos(multi(inside))))
    Zone.objects.bulk_create([row for row in rows if row])
    Project.objects.bulk_create(
        Project(version=made, number=p.number, name=p.name, kind=p.kind, geom=p.geom) for p in version.projects.all()
    )
    made.digest = made.layout = f"{made.pk:x<64}"
    made.save(update_fields=["digest", "layout"])
    runs.judge(made)
    return PlanVersion.objects.get(pk=made.pk)


def made_zone(version, zone, shape, land):
    rest = multi(shapely.difference(shape, land)) if shapely.intersects(shape, land) else shape
    if rest.is_empty:
        return None
    return Zone(
        version=version,
        number=zone.number,
        code=zone.code,
        label=zone.label,
        attributes=zone.attributes,
        geom=geos(rest),
    )


def multi(shape):
    parts = [p for p in shapely.get_parts(shapely.get_parts(shape)) if p.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def test_a_square_in_the_middle_of_a_real_plan(real):  # noqa: F811
    version = real.version
    runs.judge(version)
    land = middle_square(version)
    by = world.someone(Role.PLANNER, version)
    comment = Comment.objects.create(version=version, author=by, text="?", geom=geos(land).centroid, shape=geos(land))
    code = "0102" if version.zones.filter(code__startswith="01").count() < version.zones.count() / 2 else "0301"
    what_if = computed(whatifs.ask(comment, code=code, by=by))
    assert what_if.state == WhatIf.State.DONE
    check_against(what_if, version, with_change(version, land, code))
