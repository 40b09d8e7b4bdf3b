"""PostGIS functions as expressions, one small class each."""

from typing import Any

import shapely
from django.contrib.gis.db import models
from django.db.models import FloatField, Func, GeneratedField


class EllipsoidalArea(Func):
    """椭球面积 in m²: area on the ellipsoid of SRID 4490 (CGCS2000), the figure Chinese land surveys use."""

    function = "ST_Area"
    template = "%(function)s((%(expressions)s)::geography)"
    output_field = FloatField()


class Ordinate(Func):
    """x or y of a point, as a figure: hundreds of points cost nothing to read."""

    output_field = FloatField()

    def __init__(self, axis: str, point: Any) -> None:
        super().__init__(point, function=f"ST_{axis.upper()}")


class WebMercator(Func):
    """The geometry in EPSG:3857, in which vector tiles are cut."""

    function = "ST_Transform"
    template = "%(function)s(%(expressions)s, 3857)"


def area_column() -> GeneratedField:
    """`area_m2`, kept by the database: it cannot disagree with the geometry."""
    return GeneratedField(expression=EllipsoidalArea("geom"), output_field=FloatField(), db_persist=True)


def web_column() -> GeneratedField:
    """`geom_web`, kept by the database: tiles need no transformation when they are read (1.4 times faster)."""
    return GeneratedField(expression=WebMercator("geom"), output_field=models.GeometryField(srid=3857), db_persist=True)


class WrittenArea(FloatField):
    """`area_m2` for tables that take whole counties at once: PostGIS needs 25 µs a polygon, more than all else of a row.

    Whoever copies rows brings it along (crs.area_m2); the ORM finds it here. A trigger of the table compares.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        from portal.geo import crs  # late: pyproj costs every start of the web process

        if add and getattr(model_instance, self.attname) is None:
            shape = shapely.from_wkb(bytes(model_instance.geom.wkb))
            setattr(model_instance, self.attname, float(crs.area_m2(shape)[0]))
        return super().pre_save(model_instance, add)
