"""One type disguised as another: GDAL, going by content, would open all of these."""

import gzip
import io
import json
import tarfile

from tests import shapes
from tests.nasty.corpus import nasty


def vrt(source: str) -> bytes:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource>'
        "<SrcLayer>secret</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


@nasty("plan.geojson", "not_what_it_says")
def vrt_as_geojson(canaries):
    return vrt(canaries.secret_file)


@nasty("plan.gpkg", "not_what_it_says")
def vrt_as_gpkg(canaries):
    return vrt(canaries.secret_file)


@nasty("plan.kml", "not_what_it_says")
def vrt_as_kml(canaries):
    return vrt(canaries.secret_file)


@nasty("plan.csv", "type_unsupported")
def vrt_as_csv(canaries):
    return vrt(canaries.secret_file)


@nasty("plan.zip", "shp_truncated")
def vrt_as_shp_in_zip(canaries):
    return shapes.zipped({**shapes.shapefile(), "shp": vrt(canaries.secret_file)})


@nasty("plan.zip", "json_invalid")
def vrt_as_geojson_in_zip(canaries):
    return shapes.archive({"plan.geojson": vrt(canaries.secret_file)})


@nasty("plan.zip", "gpkg_not")
def vrt_as_gpkg_in_zip(canaries):
    return shapes.archive({"plan.gpkg": vrt(canaries.secret_file) + b" " * 100})


@nasty("plan.geojson", "not_what_it_says")
def vrt_over_http(canaries):
    return vrt(f"/vsicurl/{canaries.url}/plan.geojson")


@nasty("plan.geojson", "not_what_it_says")
def vrt_to_database(canaries):
    return vrt(f"PG:host={canaries.url.removeprefix('http://').replace(':', ' port=')}")


@nasty("plan.json", "not_what_it_says")
def wfs_as_json(canaries):
    return f"<OGRWFSDataSource><URL>{canaries.url}/wfs</URL></OGRWFSDataSource>".encode()


@nasty("plan.geojson", "json_not_geojson")
def esri_json(canaries):
    return json.dumps({"geometryType": "esriGeometryPolygon", "url": canaries.url, "features": []}).encode()


@nasty("plan.geojson", "json_not_geojson")
def topojson():
    return json.dumps({"type": "Topology", "objects": {}, "arcs": []}).encode()


@nasty("plan.geojson", "not_what_it_says")
def zip_as_geojson():
    return shapes.zipped(shapes.shapefile())


@nasty("plan.zip", "not_what_it_says")
def tar_gz_as_zip():
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as opened:
        link = tarfile.TarInfo("plan.dbf")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(link)
    return made.getvalue()


@nasty("plan.geojson.gz", "type_unsupported")
def gzip_bomb():
    return gzip.compress(bytes(20 * 2**20))


@nasty("plan.geojson", "file_empty")
def nothing_at_all():
    return b""
