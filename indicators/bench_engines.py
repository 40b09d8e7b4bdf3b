"""DuckDB spatial and SedonaDB on the same overlay: a program of its own, because the portal ships neither.

    python bench_engines.py duckdb|sedona FOLDER

with their packages on PYTHONPATH. FOLDER holds parcels.npz and control.npz as `write` makes them: labels and WKB on the
equal-area plane. Prints JSON: seconds of the query on one thread, tables loaded before, and the areas by kind and class.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

COVERED = (
    "CASE WHEN ST_CoveredBy(p.geom, c.geom) THEN ST_Area(p.geom) ELSE ST_Area(ST_Intersection(p.geom, c.geom)) END"
)
QUERY = """SELECT c.label, p.label, SUM({area})
FROM parcels p JOIN control c ON ST_Intersects(p.geom, c.geom) GROUP BY c.label, p.label"""


def write(path: Path, labels: Any, wkb: Any) -> None:
    """Labels and the WKB of each geometry, without pickle."""
    sizes = np.array([len(shape) for shape in wkb])
    data = np.frombuffer(b"".join(wkb), np.uint8)
    np.savez(path, labels=np.asarray(labels, np.str_), ends=np.append(0, np.cumsum(sizes)), data=data)


def table(path: Path) -> Any:
    """The same as an Arrow table."""
    import pyarrow as pa

    held = np.load(path)
    ends = held["ends"].astype(np.int64)
    wkb = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(ends) - 1, [None, pa.py_buffer(ends.tobytes()), pa.py_buffer(held["data"].tobytes())]
    )
    return pa.table({"label": pa.array(held["labels"].tolist()), "wkb": wkb.cast(pa.binary())})


def duckdb(folder: Path) -> tuple[float, list[Any]]:
    """CASE ST_CoveredBy, its fastest way here."""
    import duckdb
    import duckdb_extensions

    database = duckdb.connect(config={"threads": 1})
    duckdb_extensions.import_extension("spatial", con=database)
    database.execute("LOAD spatial")
    for name in ("parcels", "control"):
        rows = table(folder / f"{name}.npz")
        database.register("rows", rows)
        database.execute(f"CREATE TABLE {name} AS SELECT label, ST_GeomFromWKB(wkb) AS geom FROM rows")  # noqa: S608
    began = time.perf_counter()
    found = database.execute(QUERY.format(area=COVERED)).fetchall()
    return time.perf_counter() - began, found


def sedona(folder: Path) -> tuple[float, list[Any]]:
    """Without a test for covered parcels, its fastest way here."""
    import sedonadb

    database = sedonadb.connect()
    database.sql("SET datafusion.execution.target_partitions = 1").execute()
    for name in ("parcels", "control"):
        database.create_data_frame(table(folder / f"{name}.npz")).to_view(f"{name}_wkb")
        decoded = f"SELECT label, ST_GeomFromWKB(wkb) AS geom FROM {name}_wkb"  # noqa: S608
        database.sql(decoded).to_memtable().to_view(name)
    began = time.perf_counter()
    found = database.sql(QUERY.format(area="ST_Area(ST_Intersection(p.geom, c.geom))")).to_arrow_table()
    return time.perf_counter() - began, list(zip(*(column.to_pylist() for column in found.columns), strict=True))


if __name__ == "__main__":
    seconds, found = {"duckdb": duckdb, "sedona": sedona}[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps({"seconds": seconds, "areas": [[str(kind), str(code), area] for kind, code, area in found]}))
