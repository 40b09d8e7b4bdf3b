"""GDAL, cut down to two drivers. Only the reading child imports this; the web process must never load pyogrio to read."""

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from portal.geo.issues import refusal

DRIVERS = {"GPKG", "ESRI Shapefile"}
"""GDAL picks its driver by content, never by name, so what must not be opened must not be there. GeoJSON is read by our
own parser: GDAL's would fetch a linked CRS from the network."""

# Every other vector driver of the pyogrio wheel. A newer wheel with a driver more makes `load` refuse, and a test fail.
SKIPPED = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,FlatGeobuf,GDALG,"
    "GML,GPSBabel,GPX,GTFS,GeoJSON,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LIBKML,LVBAG,MBTiles,MEM,MVT,"
    "MapInfo File,MapML,MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,PDF,PDS4,"
    "PGDUMP,PLSCENES,PMTiles,S57,SQLite,SXF,Selafin,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)
_SETTINGS = {
    "GDAL_SKIP": SKIPPED + ",VRT,GTI,WMS,WMTS,WCS,STACIT,STACTA,DAAS,KMLSUPEROVERLAY",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_TIMEOUT": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "CPL_DEBUG": "OFF",
    "SHAPE_RESTORE_SHX": "NO",
    "OGR_GEOMETRY_ACCEPT_UNCLOSED_RING": "NO",
    "OGR_ENABLE_PARTIAL_REPROJECTION": "NO",
}


def load() -> ModuleType:
    """Import pyogrio without pandas, geopandas and pyarrow (1.4 s saved), and make sure of the drivers it has."""
    if "pyogrio" not in sys.modules:
        os.environ.update(_SETTINGS)
        for absent in ("geopandas", "pandas", "pyarrow"):
            sys.modules.setdefault(absent, None)  # type: ignore[arg-type]  # None makes the import fail
    import pyogrio
    import pyogrio.raw

    if set(pyogrio.list_drivers()) != DRIVERS:
        raise refusal("driver", detail=", ".join(sorted(set(pyogrio.list_drivers()) ^ DRIVERS))[:200])
    return pyogrio


def read_raw(path: Path, name: str, **options: Any) -> tuple[dict, Any, Any, Any]:
    """`pyogrio.raw.read` with its errors turned into one refusal: their texts hold paths and mean nothing to a user."""
    pyogrio = load()
    try:
        return pyogrio.raw.read(str(path), return_fids=True, **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError, RuntimeError) as error:
        raise refusal("unreadable", layer=name) from error
    except (pyogrio.errors.FeatureError, pyogrio.errors.GeometryError, pyogrio.errors.FieldError, ValueError) as error:
        raise refusal("unreadable", layer=name) from error


def read_by_number(path: Path, numbers: list[int], layer: str) -> list[bytes | None]:
    """The geometries of a Shapefile at the given 0-based record numbers."""
    _, numbers_read, geometries, _ = read_raw(path, layer, columns=[], encoding="ISO-8859-1", force_2d=True)
    by_number = dict(zip(numbers_read.tolist(), geometries, strict=True))
    if not by_number.keys() >= set(numbers):
        raise refusal("unreadable", layer=layer)
    return [by_number[number] for number in numbers]
