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


@nasty("plan.gml", "not_what_it_says")
def vrt_as_gml(canaries):
    return vrt(canaries.secret_file)


@nasty("plan.dxf", "not_what_it_says")
def vrt_as_dxf(canaries):
    return vrt(canaries.secret_file)


@nasty("plan.zip", "gml_not")
def vrt_as_gml_in_zip(canaries):
    return shapes.archive({"plan.gml": vrt(canaries.secret_file)})


@nasty("plan.zip", "kml_not")
def vrt_as_kml_in_zip(canaries):
    return shapes.archive({"plan.kml": vrt(canaries.secret_file)})


@nasty("plan.zip", "dxf_damaged")
def vrt_as_dxf_in_zip(canaries):
    return shapes.archive({"plan.dxf": vrt(canaries.secret_file)})


@nasty("plan.zip", "gdb_damaged")
def vrt_as_gdb_in_zip(canaries):
    return shapes.zipped_gdb({"a00000001.gdbtable": vrt(canaries.secret_file), "a00000001.gdbtablx": bytes(32)})


@nasty("plan.geojson", "not_what_it_says")
def vrt_with_sql_that_deletes(canaries):
    return vrt(canaries.secret_file).replace(b"<SrcLayer>secret</SrcLayer>", b"<SrcSQL>DELETE FROM secret</SrcSQL>")


@nasty("plan.gml", "not_what_it_says")
def wfs_as_gml(canaries):
    return f"<OGRWFSDataSource><URL>{canaries.url}/wfs</URL></OGRWFSDataSource>".encode()


@nasty("plan.kml", "not_what_it_says")
def wms_as_kml(canaries):
    return f"<GDAL_WMS><Service name='WMS'><ServerUrl>{canaries.url}</ServerUrl></Service></GDAL_WMS>".encode()


@nasty("plan.kml", "not_what_it_says")
def svg_with_script_as_kml():
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@nasty("plan.tab", "type_unsupported")
def mapinfo_tab(canaries):
    return f'!table\n!version 300\nDefinition Table\n  File "{canaries.secret_file}"\n  Type NATIVE'.encode()


@nasty("plan.zip", "no_layer")
def mapinfo_in_zip(canaries):
    mif = b'Version 300\nCharset "WindowsSimpChinese"\nColumns 1\n  A Char(4)\nData\nPoint 1 2\n'
    tab = f'!table\nDefinition Table\n  File "{canaries.secret_file}"'.encode()
    return shapes.archive({"a.mif": mif, "a.mid": b'"x"', "b.tab": tab})


@nasty("plan.gml", "not_what_it_says")
def mapinfo_mif_as_gml():
    return b"Version 300\nColumns 0\nData\nPoint 1 2\n"


@nasty("plan.dxf", "dwg")
def dwg_as_dxf():
    return b"AC1032" + bytes(200)


@nasty("plan.dwg", "dwg")
def dwg():
    return b"AC1032" + bytes(200)


@nasty("plan.gpkg", "not_what_it_says")
def geoparquet_as_gpkg():
    return b"PAR1" + bytes(100) + b"\xff\xff\xff\x7fPAR1"


@nasty("plan.zip", "no_layer")
def geoparquet_and_flatgeobuf_with_wrong_offsets_in_zip():
    return shapes.archive({"a.parquet": b"PAR1\xff\xff\xff\x7fPAR1", "a.fgb": b"fgb\x03fgb\0\xff\xff\xff\x7f"})


@nasty("plan.fgb", "type_unsupported")
def flatgeobuf():
    return b"fgb\x03fgb\0\xff\xff\xff\x7f"


@nasty("plan.tif", "type_unsupported")
def raster_vrt_as_tif(canaries):
    return f"<VRTDataset><SourceFilename>{canaries.secret_file}</SourceFilename></VRTDataset>".encode()


@nasty("plan.zip", "no_layer")
def tif_with_overview_elsewhere(canaries):
    aux = f"<PAMDataset><Metadata><MDI key='OVERVIEW_FILE'>{canaries.secret_file}</MDI></Metadata></PAMDataset>"
    return shapes.archive({"a.tif": b"II*\0" + bytes(50), "a.tif.aux.xml": aux.encode()})


@nasty("plan.shp", "shp_unzipped")
def shapefile_without_its_other_parts():
    return shapes.shapefile()["shp"]
