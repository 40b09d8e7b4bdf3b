"""Coordinate systems that are instructions, missing or not meant."""

from tests import shapes
from tests.nasty.corpus import nasty


@nasty("plan.geojson", "crs_link")
def crs_by_link(canaries):
    return shapes.geojson(crs={"type": "link", "properties": {"href": f"{canaries.url}/crs", "type": "proj4"}})


@nasty("plan.geojson", "crs_link")
def crs_name_is_url(canaries):
    return shapes.geojson(crs={"type": "name", "properties": {"name": f"{canaries.url}/crs"}})


@nasty("plan.geojson", "crs_link")
def crs_name_and_link(canaries):
    return shapes.geojson(crs={"type": "name", "properties": {"name": "EPSG:4490", "href": canaries.url}})


@nasty("plan.geojson", "crs_unknown")
def crs_name_is_proj_string(canaries):
    name = f"+proj=pipeline +step +proj=hgridshift +grids={canaries.secret_file.replace('/', '|')}"
    return shapes.geojson(crs={"type": "name", "properties": {"name": name}})


@nasty("plan.geojson", "crs_missing")
def crs_is_null():
    return shapes.geojson(crs=None)


@nasty("plan.zip", "crs_unknown")
def prj_is_url(canaries):
    return shapes.zipped(shapes.shapefile(prj=f"{canaries.url}/4490.prj"))


@nasty("plan.zip", "crs_unknown")
def prj_is_pipeline(canaries):
    return shapes.zipped(shapes.shapefile(prj=f"+proj=pipeline +step +proj=hgridshift +grids={canaries.secret_file}"))


@nasty("plan.zip", "crs_unknown")
def prj_names_grids_in_wkt(canaries):
    inner = shapes.PRJ.replace(
        'UNIT["Meter",1.0]', f'UNIT["Meter",1.0],EXTENSION["PROJ4","+nadgrids={canaries.secret_file}"]'
    )
    return shapes.zipped(shapes.shapefile(prj=inner))


@nasty("plan.zip", "crs_unknown")
def prj_of_a_megabyte():
    return shapes.zipped(shapes.shapefile(prj="GEOGCS[" * 150_000))


@nasty("plan.zip", "crs_unknown")
def prj_nested_deeply():
    return shapes.zipped(shapes.shapefile(prj="GEOGCS[" * 1_300))


@nasty("plan.zip", "crs_missing")
def shp_without_prj():
    return shapes.zipped(shapes.shapefile(prj=None))


@nasty("plan.geojson", "datum_forbidden")
def xian_1980():
    return shapes.geojson(crs={"type": "name", "properties": {"name": "EPSG:2384"}})


@nasty("plan.geojson", "datum_unsupported")
def tokyo_datum():
    return shapes.geojson(crs={"type": "name", "properties": {"name": "EPSG:4301"}})


@nasty("plan.zip", "crs_unknown")
def prj_that_means_nothing():
    return shapes.zipped(shapes.shapefile(prj=shapes.PRJ.replace("Gauss_Kruger", "Gauss_Krieger")))


@nasty("plan.geojson", "coordinates_not_degrees")
def metres_labelled_degrees():
    return shapes.geojson(shapes.feature(shapes.square()))


@nasty("plan.geojson", "coordinates_swapped")
def latitude_first():
    return shapes.geojson(shapes.feature([(y, x) for x, y in shapes.degrees()]))


@nasty("plan.zip", "crs_zone_prefix")
def zone_prefix_not_declared():
    return shapes.zipped(shapes.shapefile([shapes.square(39_480_000)]))


@nasty("plan.zip", "crs_zone_prefix")
def zone_prefix_declared_and_not_there():
    """EPSG:4513 to 4533 carry the zone number, EPSG:4534 to 4554 do not."""
    return shapes.zipped(shapes.shapefile(prj=shapes.PRJ_ZONE))


@nasty("plan.zip", "crs_zone_prefix")
def zone_prefix_of_the_neighbour():
    return shapes.zipped(shapes.shapefile([shapes.square(40_480_000)], prj=shapes.PRJ_ZONE))


@nasty("plan.zip", "crs_zone_prefix")
def six_degree_zone_labelled_three_degree():
    """117 degrees is the middle of zone 39 of 3 degrees and of zone 20 of 6 degrees."""
    return shapes.zipped(shapes.shapefile([shapes.square(20_480_000)], prj=shapes.PRJ_ZONE))


@nasty("plan.zip", "crs_mixed")
def same_layer_in_three_and_six_degree_zones():
    six = shapes.GK_117.format(name="Zone_20", easting=20500000.0, meridian=117.0)
    parts = {"a": shapes.shapefile([shapes.square(39_480_000)], prj=shapes.PRJ_ZONE)}
    parts["b"] = shapes.shapefile([shapes.square(20_480_000)], prj=six)
    return shapes.archive({f"{f}/DLTB.{part}": content for f in parts for part, content in parts[f].items()})


@nasty("plan.zip", "coordinates_swapped")
def northing_first():
    return shapes.zipped(shapes.shapefile([[(y, x) for x, y in shapes.square()]]))


@nasty("plan.geojson", "antimeridian")
def across_the_antimeridian():
    ring = [(179.9, 10), (-179.9, 10), (-179.9, 10.1), (179.9, 10.1), (179.9, 10)]
    return shapes.geojson(shapes.feature(ring))


@nasty("plan.geojson", "coordinates_not_degrees")
def longitudes_up_to_360():
    return shapes.geojson(shapes.feature(shapes.degrees(359, 10)))
