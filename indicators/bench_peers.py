"""Spatial databases measured on the same overlay, each in a child process with packages of its own (bench_engines.py)."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from indicators import bench_county, bench_engines
from indicators.compute.frames import shapes

NAMES = {"duckdb": "DuckDB spatial 1.5.5", "sedona": "SedonaDB"}
WAIT = 1800
"""seconds that one may take, loading included"""


def measured(parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> Iterator[tuple[str, float, pd.Series]]:
    """(name, seconds, areas by kind and class) of each that can be had; of one that cannot the reason is printed."""
    try:
        environment = bench_county.with_engines()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"DuckDB and SedonaDB are left out: they cannot be installed ({error})", file=sys.stderr)
        return
    bench_county.FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="engines-", dir=bench_county.FOLDER) as folder:
        for name, frame, label in (("parcels", parcels, "dlbm"), ("control", control, "kind")):
            bench_engines.write(Path(folder) / f"{name}.npz", frame[label], shapely.to_wkb(shapes(frame)))
        for engine, name in NAMES.items():
            try:
                yield name, *run(engine, Path(folder), environment)
            except (subprocess.SubprocessError, json.JSONDecodeError) as error:
                said = getattr(error, "stderr", None) or str(error)
                print(f"{name} is left out: {said.strip()[-300:]}", file=sys.stderr)


def run(engine: str, folder: Path, environment: dict[str, str]) -> tuple[float, pd.Series]:
    """One run of one of them; what it prints is its answer."""
    command = [sys.executable, bench_engines.__file__, engine, str(folder)]
    done = subprocess.run(  # noqa: S603
        command, env=environment, check=True, capture_output=True, text=True, timeout=WAIT
    )
    told = json.loads(done.stdout)
    areas = {(kind, code): area for kind, code, area in told["areas"]}
    return told["seconds"], pd.Series(areas.values(), index=pd.MultiIndex.from_tuples(areas))
