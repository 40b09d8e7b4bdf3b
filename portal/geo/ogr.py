"""GDAL, cut down to one driver. Only the reading child imports this; the web process must never load pyogrio to read."""

import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from portal.geo.issues import refusal
from portal.geo.source import Limits, SourceLayer

DRIVERS = {"GPKG", "ESRI Shapefile", "OpenFileGDB"}
"""Of these a reading gets the one that its kind of file needs. GDAL picks its driver by content, never by name, so what
must not be opened must not be there. GeoJSON, GML, KML and DXF are read by our own parsers: GDAL's would fetch a linked
CRS or a schema, or unfold blocks without end."""

# Every other vector driver of the pyogrio wheel. A newer wheel with a driver more makes `load` refuse, and a test fail.
SKIPPED = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,FlatGeobuf,GDALG,"
    "GML,GPSBabel,GPX,GTFS,GeoJSON,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LIBKML,LVBAG,MBTiles,MEM,MVT,"
    "MapInfo File,MapML,MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,PCIDSK,PDF,PDS4,"
    "PGDUMP,PLSCENES,PMTiles,S57,SQLite,SXF,Selafin,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)
_CURVED = re.compile(r"CURVE|CIRCULAR|MULTISURFACE", re.IGNORECASE)
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


def load(driver: str) -> ModuleType:
    """Import pyogrio without pandas, geopandas and pyarrow (1.4 s saved), and make sure that it has this driver alone."""
    if "pyogrio" not in sys.modules:
        skipped = ",".join([_SETTINGS["GDAL_SKIP"], *sorted(DRIVERS - {driver})])
        os.environ.update(_SETTINGS | {"GDAL_SKIP": skipped})
        for absent in ("geopandas", "pandas", "pyarrow"):
            sys.modules.setdefault(absent, None)  # type: ignore[arg-type]  # None makes the import fail
    import pyogrio
    import pyogrio.raw

    if set(pyogrio.list_drivers()) != {driver}:
        raise refusal("driver", detail=", ".join(sorted(set(pyogrio.list_drivers()) ^ {driver}))[:200])
    return pyogrio


def read_raw(driver: str, path: Path, name: str, **options: Any) -> tuple[dict, Any, Any, Any]:
    """`pyogrio.raw.read` with its errors turned into one refusal: their texts hold paths and mean nothing to a user."""
    pyogrio = load(driver)
    try:
        return pyogrio.raw.read(str(path), return_fids=True, **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError, RuntimeError) as error:
        raise refusal("unreadable", layer=name) from error
    except (pyogrio.errors.FeatureError, pyogrio.errors.GeometryError, pyogrio.errors.FieldError, ValueError) as error:
        raise refusal("unreadable", layer=name) from error


def stated_rows(driver: str, path: Path, name: str) -> int:
    """What the file itself says; -1 where it says nothing."""
    pyogrio = load(driver)
    try:
        return int(pyogrio.read_info(str(path), layer=name)["features"])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError, RuntimeError) as error:
        raise refusal("unreadable", layer=name) from error


def layer_names(driver: str, path: Path) -> list[str]:
    pyogrio = load(driver)
    try:
        return [str(name) for name, _kind in pyogrio.list_layers(str(path))]
    except (pyogrio.errors.DataSourceError, UnicodeDecodeError, RuntimeError, ValueError) as error:
        raise refusal("unreadable") from error


def read_by_number(path: Path, numbers: list[int], layer: str) -> list[bytes | None]:
    """The geometries of a Shapefile at the given 0-based record numbers."""
    _, numbers_read, geometries, _ = read_raw(
        "ESRI Shapefile", path, layer, columns=[], encoding="ISO-8859-1", force_2d=True
    )
    by_number = dict(zip(numbers_read.tolist(), geometries, strict=True))
    if not by_number.keys() >= set(numbers):
        raise refusal("unreadable", layer=layer)
    return [by_number[number] for number in numbers]


def read_layer(driver: str, path: Path, name: str, limits: Limits) -> SourceLayer:
    """A layer of a database of layers: rows, flat geometries without curves, and the note that there were heights."""
    meta, numbers, geometries, columns = read_raw(
        driver, path, name, layer=name, force_2d=True, datetime_as_string=True, max_features=limits.rows + 1
    )
    if len(numbers) > limits.rows:
        raise refusal("too_many_rows", layer=name, limit=limits.rows)
    if len(meta["fields"]) > limits.fields:
        raise refusal("too_many_fields", layer=name, count=len(meta["fields"]), limit=limits.fields)
    text, read_as = meta["crs"] or "", str(meta["geometry_type"])
    high = read_as.startswith("2.5D") or read_as.endswith((" Z", " M", " ZM"))
    return SourceLayer(
        name=name,
        fields=[str(field) for field in meta["fields"]],
        columns=[_values(column, dtype) for column, dtype in zip(columns, meta["dtypes"], strict=True)],
        wkb=list(geometries) if geometries is not None else [None] * len(numbers),
        crs="" if "undefined" in text.lower() or "unknown" in text.lower() else text,
        encoding="utf-8",
        notes=[{"reason": "z_dropped"}] if high else [],
    )


def has_curves(driver: str, path: Path, name: str) -> bool:
    """GDAL has replaced curves by lines before we see them. Asked for the kinds alone, it tells."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    query = f'SELECT DISTINCT OGR_GEOMETRY FROM "{quoted}"'  # noqa: S608  reads this file, with no other driver loaded
    _, _, _, columns = read_raw(driver, path, name, sql=query, sql_dialect="OGRSQL", read_geometry=False)
    return any(_CURVED.search(str(kind)) for kind in columns[0])


def _values(column: Any, dtype: str) -> list:
    """A numpy column as plain Python values. Whole numbers with blanks arrive as floats and become whole again."""
    whole = str(dtype).startswith(("int", "uint"))
    return [_value(value, whole) for value in column.tolist()]


def _value(value: Any, whole: bool) -> Any:
    if isinstance(value, float):
        return None if value != value or value in (float("inf"), float("-inf")) else int(value) if whole else value
    return value if isinstance(value, str | int | bool) else None  # photographs and other binary content are left out
