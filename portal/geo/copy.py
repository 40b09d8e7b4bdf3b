"""COPY into a table: the fastest door for many rows; part of the one door for raw SQL."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.db.models import GeometryField
from django.db import Error, connection, models

SRID = 4490
NULL = "\\N"
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
PIECE_ROWS, PIECE_CHARS = 500, 2**20
"""what is made ready at a time: the server works on one piece while we write the next"""


def as_hex(geoms: np.ndarray) -> Iterator[str]:
    """Shapely geometries (lon/lat) as COPY wants them in a geometry column of SRID 4490: EWKB hex, or NULL.

    Python turns bytes into hex digits five times as fast as GEOS writes them. A piece at a time: a county's would take
    a gigabyte.
    """
    for wkb in as_wkb(geoms, srid=SRID):
        yield NULL if wkb is None else wkb.hex()


def as_wkb(geoms: np.ndarray, srid: int | None = None) -> Iterator[bytes | None]:
    """WKB (with an SRID: EWKB) of each geometry, written a piece at a time."""
    geoms = np.asarray(geoms, dtype=object)
    for start in range(0, len(geoms), PIECE_ROWS):
        piece = geoms[start : start + PIECE_ROWS]
        piece = piece if srid is None else shapely.set_srid(piece, srid)
        yield from shapely.to_wkb(piece, include_srid=srid is not None, byte_order=1).tolist()


def as_text(value: Any) -> str:
    """A value in the text format of COPY."""
    if value is None:
        return NULL
    text = value if type(value) is str else str(value)
    return text if text.isalnum() else text.translate(ESCAPES)


def copy_rows(
    model: type[models.Model],
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    written: Callable[[int], None] = lambda count: None,
) -> None:
    """Write rows inside the running transaction: values in the order of `fields`, None for NULL, geometries by `as_hex`.

    `written` is told again and again how many rows are on their way; what it raises ends the writing.
    """
    columns = [model._meta.get_field(name) for name in fields]
    ready = [isinstance(column, GeometryField) for column in columns]
    copy_into(model._meta.db_table, [column.column for column in columns], rows, written, ready)


def copy_into(
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    written: Callable[[int], None] = lambda count: None,
    ready: Sequence[bool] | None = None,
) -> None:
    """As `copy_rows`, for a table without a model: one that holds rows until a query has sorted them."""
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    stream = _Stream(rows, ready or [False] * len(columns), written)
    try:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.copy_expert(f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN", stream)
    except Error:
        if stream.error is not None:  # the driver shows what went wrong in here as an error of the server
            raise stream.error from None
        raise


class _Stream:
    """What the driver reads from; the server begins with the first rows while the last are not yet written out."""

    def __init__(self, rows: Iterable[Sequence[Any]], ready: Sequence[bool], written: Callable[[int], None]) -> None:
        self.pieces = self._pieces(rows, ready)
        self.written = written
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> str:
        try:
            return next(self.pieces, "")
        except BaseException as error:
            self.error = error
            raise

    def _pieces(self, rows: Iterable[Sequence[Any]], ready: Sequence[bool]) -> Iterator[str]:
        lines: list[str] = []
        chars = total = 0
        for row in rows:
            lines.append("\t".join([v if done else as_text(v) for v, done in zip(row, ready, strict=True)]))
            chars += len(lines[-1])
            if len(lines) >= PIECE_ROWS or chars >= PIECE_CHARS:
                yield "\n".join(lines) + "\n"
                total += len(lines)
                self.written(total)
                lines, chars = [], 0
        if lines:
            yield "\n".join(lines) + "\n"
