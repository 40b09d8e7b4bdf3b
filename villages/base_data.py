"""Base data of a village (基期数据) put in place: parcels and control lines, all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from portal.audit import record
from portal.errors import NotAllowed
from portal.models import Role, User
from portal.rules import has_role
from villages.models import ControlLine, Parcel, Village

OFFICIALS = (Role.COUNTY_REVIEWER, Role.COUNTY_LEADER, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class BaseParcel:
    """A parcel with its class of 2023, the untouched code of the survey, and what else the survey says of it: slope class
    (GDPDJB), settlement attribute (CZCSXM), grade of the cropland."""

    code: str
    survey_code: str
    geom: shapely.Geometry
    slope_class: int | None = None
    settlement: str = ""
    quality: int | None = None


@dataclass(frozen=True)
class IssuedLine:
    """A control line of one kind, as its owner issued it. Without ground (MULTIPOLYGON EMPTY) it says that the kind was handed
    over and none lies in the village."""

    kind: str
    name: str
    geom: shapely.Geometry
    level: str = ""


def check_right(by: User | None, village: Village) -> None:
    """The county decides what the base year was and which lines are issued; the planner whose plan is held to them does not."""
    if by is not None and not has_role(by, OFFICIALS, village.code):
        raise NotAllowed(_("Only the county may put base data of %(village)s in place.") % {"village": village})


@transaction.atomic
def replace(
    village: Village, parcels: Sequence[BaseParcel], lines: Sequence[IssuedLine], *, source: str, by: User | None
) -> None:
    """Put parcels and lines in place of those on record; a kind that does not come stays as it is.

    The revision is raised, so that whatever was computed from the village is computed anew.
    """
    check_right(by, village)
    Village.objects.select_for_update().get(pk=village.pk)
    after = {"source": source, "parcels": len(parcels)}
    if parcels:
        Parcel.objects.filter(village=village).delete()
        Parcel.objects.bulk_create(
            (
                Parcel(
                    village=village,
                    number=n,
                    code=p.code,
                    survey_code=p.survey_code,
                    geom=multi(p.geom),
                    source=source,
                    slope_class=p.slope_class,
                    settlement=p.settlement,
                    quality=p.quality,
                )
                for n, p in enumerate(parcels, 1)
            ),
            batch_size=2000,
        )
    kinds = sorted({line.kind for line in lines})
    ControlLine.objects.filter(village=village, kind__in=kinds).delete()
    last = ControlLine.objects.filter(village=village).aggregate(last=Max("number"))["last"] or 0
    ControlLine.objects.bulk_create(
        ControlLine(
            village=village,
            number=n,
            kind=x.kind,
            name=x.name[:100],
            level=x.level[:20],
            geom=multi(x.geom),
            source=source,
        )
        for n, x in enumerate(lines, last + 1)
    )
    after |= {kind: sum(line.kind == kind and not line.geom.is_empty for line in lines) for kind in kinds}
    Village.objects.filter(pk=village.pk).update(revision=F("revision") + 1)
    record("village.base_replaced", village, by=by, after=after)


def multi(geom: shapely.Geometry) -> MultiPolygon:
    found = GEOSGeometry(memoryview(shapely.to_wkb(geom)), srid=4490)
    return found if isinstance(found, MultiPolygon) else MultiPolygon(found, srid=4490)
