"""GeoPackages: an SQLite file is a program as much as data, so its schema is read before GDAL opens it."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from portal.geo import ogr
from portal.geo.issues import refusal
from portal.geo.source import Limits, Options, SourceLayer

_APPLICATION_IDS = {b"GPKG", b"GP10", b"GP11"}
_TRIGGER = re.compile(  # of the standard (rtree, metadata, tile matrices, relations) and of GDAL's feature counter
    r"^(rtree_.+_(insert|update\d?|delete)|trigger_(insert|delete)_feature_count_.+|gpkg_(metadata|tile|data_col)\w*"
    r"|.+_(zoom_level|pixel_x_size|pixel_y_size|matrix_width|matrix_height|tile_column|tile_row)\w*)$",
    re.IGNORECASE,
)
_CURVED = re.compile(r"CURVE|CIRCULAR|SURFACE$", re.IGNORECASE)


def read(path: Path, options: Options, limits: Limits) -> list[SourceLayer]:
    notes = check_database(path)
    layers = _feature_layers(path, options)
    if not layers:
        raise refusal("no_layer")
    if len(layers) > limits.layers:
        raise refusal("too_many_layers", count=len(layers), limit=limits.layers)
    return [_read_layer(path, name, limits, notes) for name in layers]


def check_database(path: Path) -> list[dict]:
    """Refuse views, foreign triggers, virtual tables other than the spatial index, computed columns and damage."""
    with path.open("rb") as stream:
        header = stream.read(100)
    if len(header) < 100 or header[68:72] not in _APPLICATION_IDS:
        raise refusal("gpkg_not")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            _check_schema(database)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise refusal("gpkg_damaged") from error
    return [{"reason": "gpkg_wal"}] if header[18] == 2 else []


def _check_schema(database: sqlite3.Connection) -> None:
    schema = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    for kind, name, sql in schema:
        shown = str(name)[:100]
        if kind == "view":
            raise refusal("gpkg_view", name=shown)
        if kind == "trigger" and not _TRIGGER.match(str(name)):
            raise refusal("gpkg_trigger", name=shown)
        if (
            kind == "table"
            and re.match(r"\s*CREATE\s+VIRTUAL", sql, re.IGNORECASE)
            and not re.search(r"\bUSING\s+[\"']?rtree\b", sql, re.IGNORECASE)
        ):
            raise refusal("gpkg_virtual", name=shown)
    tables = {name for kind, name, _ in schema if kind == "table"}
    if not {"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"} <= tables:
        raise refusal("gpkg_not")
    for name in tables:
        columns = database.execute("SELECT hidden FROM pragma_table_xinfo(?)", [name]).fetchall()
        if any(hidden in (2, 3) for (hidden,) in columns):
            raise refusal("gpkg_generated", name=str(name)[:100])
    if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise refusal("gpkg_damaged")


def _feature_layers(path: Path, options: Options) -> list[str]:
    """Names of the feature tables in the order of the contents, less those nobody asked for."""
    names = _select(path, "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'")
    return [name for name in names if options.layers is None or name in options.layers]


def _select(path: Path, query: str, *values: str) -> list[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        return [str(value) for (value,) in database.execute(query, values)]


def _read_layer(path: Path, name: str, limits: Limits, notes: list[dict]) -> SourceLayer:
    meta, numbers, geometries, columns = ogr.read_raw(
        path, name, layer=name, force_2d=True, datetime_as_string=True, max_features=limits.rows + 1
    )
    if len(numbers) > limits.rows:
        raise refusal("too_many_rows", layer=name, limit=limits.rows)
    if len(meta["fields"]) > limits.fields:
        raise refusal("too_many_fields", layer=name, count=len(meta["fields"]), limit=limits.fields)
    crs = meta["crs"] or ""
    return SourceLayer(
        name=name,
        fields=[str(field) for field in meta["fields"]],
        columns=[_values(column, dtype) for column, dtype in zip(columns, meta["dtypes"], strict=True)],
        wkb=list(geometries) if geometries is not None else [None] * len(numbers),
        crs="" if "undefined" in crs.lower() or "unknown" in crs.lower() else crs,
        encoding="utf-8",
        notes=[*notes, *_geometry_notes(path, name, str(meta["geometry_type"]))],
    )


def _values(column: Any, dtype: str) -> list:
    """A numpy column as plain Python values. Whole numbers with blanks arrive as floats and become whole again."""
    whole = str(dtype).startswith(("int", "uint"))
    return [_value(value, whole) for value in column.tolist()]


def _value(value: Any, whole: bool) -> Any:
    if isinstance(value, float):
        return None if value != value or value in (float("inf"), float("-inf")) else int(value) if whole else value
    return value if isinstance(value, str | int | bool) else None  # photographs and other binary content are left out


def _geometry_notes(path: Path, name: str, read_as: str) -> list[dict]:
    """GDAL has flattened heights and curves already; the tables say whether there were any."""
    declared = _select(path, "SELECT geometry_type_name FROM gpkg_geometry_columns WHERE table_name = ?", name)
    with_z = read_as.startswith("2.5D") or read_as.endswith((" Z", " M", " ZM"))
    notes = [{"reason": "z_dropped"}] if with_z else []
    return [*notes, {"reason": "curves_linearised"}] if any(map(_CURVED.search, declared)) else notes
