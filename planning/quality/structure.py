"""Rules of structure (结构符合性): the file was read, its layers and fields are there and of the right kind."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import shapely

from planning.quality.case import Case
from planning.quality.registry import rule
from planning.schema import FieldSpec, Matched
from portal.geo.issues import WARNING, Issue

KINDS = {"polygon": (3, 6), "line": (1, 2, 5), "point": (0, 4), "none": ()}
MOSTLY = 0.5  # of a column's values: from there the column is wrong, not its cells
OF_TYPE = {
    "text": {"en": "text", "zh": "文本"},
    "integer": {"en": "whole numbers", "zh": "整数"},
    "number": {"en": "numbers", "zh": "数值"},
    "date": {"en": "dates", "zh": "日期"},
}
OF_KIND = {
    "polygon": {"en": "polygons", "zh": "面"},
    "line": {"en": "lines", "zh": "线"},
    "point": {"en": "points", "zh": "点"},
    "none": {"en": "a table without geometry", "zh": "无图形的表格"},
}


for _code in ("F1", "F2", "F4"):

    @rule(_code)
    def _was_read(case: Case) -> Iterable[Issue]:
        """The file was opened, unpacked and read: else there would be nothing to judge."""
        return ()


@rule("S1")
def required_layers(case: Case) -> Iterator[Issue]:
    """Every layer the profile requires is there, with geometries of its kind; and there are zones to make a plan of."""
    found = {m.spec.name for m in case.matched}
    there = ", ".join(layer.name for layer in case.layers)
    missing = [spec for spec in case.profile.layers if spec.required and spec.name not in found]
    for spec in missing:
        yield Issue("S1", params={"reason": "layer_wanted", "wanted": ", ".join(spec.names), "there": there})
    if case.zones is None and not any(spec.role == "zones" for spec in missing):
        yield Issue("S1", params={"reason": "no_zones"})
    for matched in case.matched:
        yield from geometry_kind(matched)


def geometry_kind(matched: Matched) -> Iterator[Issue]:
    """One issue for a layer with geometries of another kind. Single zones that are no polygon are told by G1."""
    wanted = matched.spec.geometry
    if wanted not in KINDS:
        return
    kinds = shapely.get_type_id(matched.layer.geometry)
    wrong = (kinds >= 0) & ~np.isin(kinds, KINDS[wanted])
    if wanted != "none" and matched.size and (kinds < 0).all():
        wrong[:] = True  # a table where a map is wanted
    count = int(wrong.sum())
    if count and (matched.spec.role != "zones" or count == matched.size):
        params = {
            "reason": "layer_geometry",
            "wanted": OF_KIND[wanted],
            "count": count,
            "first": int(wrong.argmax()) + 1,
        }
        yield Issue("S1", layer=matched.layer.name, params=params)


@rule("S2")
def required_fields(case: Case) -> Iterator[Issue]:
    """Every field the profile requires is there; every field that is there has the right type and length."""
    for matched in case.matched:
        there = ", ".join(map(str, matched.layer.fields))
        for spec in matched.spec.fields:
            wanted = spec.required or (matched.spec.role == "zones" and spec.means == "code")
            if spec.name in matched.columns:
                yield from field_shape(matched, spec)
            elif wanted and matched.column(spec.means) is None:
                params = {"reason": "field_wanted", "wanted": ", ".join(spec.names), "there": there}
                yield Issue("S2", layer=matched.layer.name, params=params)


def field_shape(matched: Matched, spec: FieldSpec) -> Iterator[Issue]:
    """Type, then length and decimals, of the cells of one column. Each different value is looked at once."""
    column = matched.columns[spec.name]
    cells = matched.values(column)
    if not spec.type:
        return
    kinds = set(map(type, cells)) - {type(None)}
    if spec.type == "text" and kinds & {int, float}:
        yield Issue("S2", WARNING, matched.layer.name, params={"reason": "numbers_for_text", "field": column})
    if spec.type in ("integer", "number") and kinds <= {int, float}:
        yield from number_shape(matched, spec, column, cells, kinds)
        return
    fits = _FITS[spec.type]
    different = set(cells) - {None}
    strange = {v for v in different if not fits(v)}
    if strange:
        yield from of_wrong_type(matched, spec, column, cells, strange)
    if spec.length and spec.type == "text":
        long = {v for v in different - strange if len(str(v)) > spec.length}
        for row, value in rows_with(cells, long):
            params = {"reason": "text_longer", "field": column, "length": len(str(value)), "limit": spec.length}
            yield Issue("S2", layer=matched.layer.name, row=row, params=params, geom=matched.layer.geometry[row - 1])


def of_wrong_type(
    matched: Matched, spec: FieldSpec, column: str, cells: list[Any], strange: set[Any]
) -> Iterator[Issue]:
    """Cell by cell, or once for a column that is of another type altogether."""
    rows = list(rows_with(cells, strange))
    filled = sum(v is not None for v in cells)
    params = {"field": column, "wanted": OF_TYPE[spec.type]}
    if len(rows) > MOSTLY * filled and len(rows) > 1:
        params |= {"reason": "type_of_column", "count": len(rows), "value": str(rows[0][1])[:50]}
        yield Issue("S2", layer=matched.layer.name, params=params)
        return
    for row, value in rows:
        told = {**params, "reason": "type_wrong", "value": str(value)[:50]}
        yield Issue("S2", layer=matched.layer.name, row=row, params=told, geom=matched.layer.geometry[row - 1])


def number_shape(matched: Matched, spec: FieldSpec, column: str, cells: list[Any], kinds: set[type]) -> Iterator[Issue]:
    """Digits before the point are an error where they exceed the field; more decimals than the schema has, once a warning:
    most formats store doubles, and nothing is lost."""
    if not kinds:
        return
    values = np.array(cells, float)
    places = 0 if spec.type == "integer" else spec.decimals
    if spec.length:
        # 长度 counts all digits, decimals included
        top = 10.0 ** (spec.length - (places or 0))
        with np.errstate(invalid="ignore"):
            for row in np.flatnonzero(np.abs(values) >= top) + 1:
                params = {"reason": "digits_more", "field": column, "value": cells[row - 1], "limit": spec.length}
                yield Issue("S2", layer=matched.layer.name, row=int(row), params=params, geom=matched.layer.geometry[row - 1])  # fmt: skip
    if places is None or kinds == {int}:
        return
    with np.errstate(invalid="ignore"):
        finer = np.abs(values - np.round(values, places)) > 1e-9 * np.maximum(1, np.abs(values))
    if not finer.any():
        return
    if spec.type == "integer":
        yield from of_wrong_type(matched, spec, column, cells, {cells[i] for i in np.flatnonzero(finer)})
    else:
        value = repr(cells[int(finer.argmax())])
        params = {
            "reason": "decimals_more",
            "field": column,
            "value": value,
            "count": int(finer.sum()),
            "limit": places,
        }
        yield Issue("S2", WARNING, matched.layer.name, params=params)


def rows_with(cells: list[Any], wanted: set[Any]) -> Iterator[tuple[int, Any]]:
    """Rows, from 1, whose cell is one of the values."""
    if wanted:
        yield from ((row, value) for row, value in enumerate(cells, 1) if value in wanted)


def is_text(value: Any) -> bool:
    """Text, or a whole number that can be written as text."""
    return isinstance(value, str | int) or (isinstance(value, float) and value.is_integer())


def is_number(value: Any) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False


def is_whole(value: Any) -> bool:
    return is_number(value) and float(value).is_integer()


def is_date(value: Any) -> bool:
    """YYYYMMDD, as standards of databases want it, or ISO 8601 with or without a time."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    try:
        datetime.datetime.fromisoformat(text.replace("/", "-").removesuffix("Z"))
    except ValueError:
        return False
    return len(text) >= 8


_FITS: dict[str, Callable[[Any], bool]] = {
    "text": is_text,
    "integer": is_whole,
    "number": is_number,
    "date": is_date,
}
