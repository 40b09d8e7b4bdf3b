"""GeoPackages: an SQLite file is a program as much as data, so its schema is read before GDAL opens it."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from portal.geo import ogr
from portal.geo.issues import refusal
from portal.geo.source import Limits, Options, SourceLayer

_APPLICATION_IDS = {b"GPKG", b"GP10", b"GP11"}
_TRIGGER = re.compile(  # of the standard (rtree, metadata, tile matrices, relations) and of GDAL's feature counter
    r"^(rtree_.+_(insert|update\d?|delete)|trigger_(insert|delete)_feature_count_.+|gpkg_(metadata|tile|data_col)\w*"
    r"|.+_(zoom_level|pixel_x_size|pixel_y_size|matrix_width|matrix_height|tile_column|tile_row)\w*)$",
    re.IGNORECASE,
)
_VIRTUAL = re.compile(r"""CREATE VIRTUAL TABLE (["`']?)(rtree_[^"`']+)\1 USING rtree\s*\([^()]*\)""", re.IGNORECASE)
_HARMLESS = re.compile(  # what the standard's triggers do: keep index and counter, or refuse a value
    r"^(?:(?:INSERT(?: OR REPLACE)? INTO|DELETE FROM|UPDATE(?: OR REPLACE)?) [\"`]?(?:rtree_|gpkg_(?:ogr_)?contents\b)"
    r"|SELECT (?:RAISE|CASE)\b)",
    re.IGNORECASE,
)
_CURVED = re.compile(r"CURVE|CIRCULAR|SURFACE$|^GEOM", re.IGNORECASE)


def read(path: Path, options: Options, limits: Limits) -> list[SourceLayer]:
    notes = check_database(path)
    layers = _layers(path, options)
    if not layers:
        raise refusal("no_layer")
    if len(layers) > limits.layers:
        raise refusal("too_many_layers", count=len(layers), limit=limits.layers)
    return [_read_layer(path, name, curved, limits, notes) for name, curved in layers.items()]


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
    schema = database.execute("SELECT type, name, rootpage, coalesce(sql, '') FROM sqlite_master").fetchall()
    for kind, name, page, sql in schema:
        shown = str(name)[:100]
        if kind == "view":
            raise refusal("gpkg_view", name=shown)
        if kind == "trigger" and not (_TRIGGER.match(str(name)) and _is_harmless(str(sql))):
            raise refusal("gpkg_trigger", name=shown)
        virtual = _VIRTUAL.fullmatch(str(sql).strip())
        if kind == "table" and page == 0 and (virtual is None or virtual.group(2) != name):
            raise refusal("gpkg_virtual", name=shown)
    tables = {name for kind, name, _, _ in schema if kind == "table"}
    if not {"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"} <= tables:
        raise refusal("gpkg_not")
    for name in tables:
        columns = database.execute("SELECT hidden FROM pragma_table_xinfo(?)", [name]).fetchall()
        if any(hidden in (2, 3) for (hidden,) in columns):
            raise refusal("gpkg_generated", name=str(name)[:100])
    if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise refusal("gpkg_damaged")


def _is_harmless(trigger: str) -> bool:
    """A trigger never fires here, as nothing is written; but under the name of a standard one it hides what it does."""
    body = re.search(r"\bBEGIN\b(.*)\bEND\s*;?\s*$", re.sub("'[^']*'", "''", trigger), re.IGNORECASE | re.DOTALL)
    statements = [" ".join(statement.split()) for statement in body.group(1).split(";")] if body else [""]
    return any(statements) and all(_HARMLESS.match(statement) for statement in statements if statement)


def _layers(path: Path, options: Options) -> dict[str, bool]:
    """The tables of features and of plain rows in the order of the contents, less those nobody asked for; whether each
    may hold curves: a column of any geometry may, one of polygons may not."""
    query = """
        SELECT table_name, coalesce(geometry_type_name, '') FROM gpkg_contents
        LEFT JOIN gpkg_geometry_columns USING (table_name) WHERE data_type IN ('features', 'attributes')"""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        found = {str(name): bool(_CURVED.search(kind)) for name, kind in database.execute(query)}
    return {name: curved for name, curved in found.items() if options.layers is None or name in options.layers}


def _read_layer(path: Path, name: str, curved: bool, limits: Limits, notes: list[dict]) -> SourceLayer:
    layer = ogr.read_layer("GPKG", path, name, limits)
    if curved and ogr.has_curves("GPKG", path, name):
        notes = [*notes, {"reason": "curves_linearised"}]
    layer.notes = [*notes, *layer.notes]
    return layer
