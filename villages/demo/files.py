"""Write the demo's plan files: `python -m villages.demo.files [FOLDER]`, by default tests/data.

The same code writes the same bytes again: dates inside the formats are fixed.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely
from shapely.geometry import mapping

from villages.demo import liugou, wubu
from villages.demo.asking import survey_coded
from villages.demo.defects import Defect, defects
from villages.demo.generator import county
from villages.demo.geodesy import STORED, project
from villages.demo.tables import project_table, zone_table

FOLDER = Path(__file__).parents[2] / "tests" / "data"
PREFIXED, UNPREFIXED = 4527, 4548  # 3-degree Gauss-Kruger at 117°E, with and without zone number 39
FIXED_DATE = "2024-01-01"


def write_all(folder: Path) -> list[Path]:
    """Every file of the demo; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = county()
    liugou_plans, wubu_plans = drawn.complete[liugou.CODE].plans, drawn.complete[wubu.CODE].plans
    first = zone_table(liugou_plans["v1"], liugou.CODE, "柳沟村")
    second = zone_table(liugou_plans["v2"], liugou.CODE, "柳沟村")
    heritage = zone_table(wubu_plans["v1"], wubu.CODE, "五埠村")
    heritage_projects = project_table(wubu_plans["v1"])
    outline = next(v.outline for v in drawn.villages if v.code == liugou.CODE)
    spoiled = defects(second, outline)
    return [
        write_gpkg(folder / "liugou_v1.gpkg", {"GHYDYH": first, "ZDXM": project_table(liugou_plans["v1"])}, STORED),
        write_zip(folder / "liugou_v2.zip", {"GHYDYH": second, "ZDXM": project_table(liugou_plans["v2"])}, PREFIXED),
        write_geojson(folder / "wubu_v1.geojson", heritage),
        write_gpkg(folder / "wubu_v1_cm117.gpkg", {"GHYDYH": heritage, "ZDXM": heritage_projects}, UNPREFIXED),
        *(write_geojson(folder / f"{defect.stem}.geojson", defect.table) for defect in spoiled),
        write_zip(folder / "ask_system.zip", {"GHYDYH": second}, UNPREFIXED, without=(".prj", ".cpg")),
        write_geojson(folder / "ask_codes.geojson", survey_coded(second)),
        write_readme(folder / "README.md", spoiled),
    ]


def _moved(table: gpd.GeoDataFrame, epsg: int) -> gpd.GeoDataFrame:
    if epsg == STORED:
        return table
    return table.set_geometry(project(table.geometry.values, STORED, epsg), crs=epsg)


def write_gpkg(path: Path, layers: dict[str, gpd.GeoDataFrame], epsg: int) -> Path:
    """GeoPackage with one date for its table of contents."""
    path.unlink(missing_ok=True)
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{FIXED_DATE}T00:00:00.000Z"})
    try:
        for name, table in layers.items():
            pyogrio.write_dataframe(_moved(table, epsg), path, layer=name, driver="GPKG", geometry_type="Polygon")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    return path


def write_zip(path: Path, layers: dict[str, gpd.GeoDataFrame], epsg: int, without: tuple[str, ...] = ()) -> Path:
    """Zipped Shapefiles in GBK with a .cpg, as most Chinese offices still send them; `without` leaves parts out."""
    with tempfile.TemporaryDirectory() as temp:
        for name, table in layers.items():
            options = {"DBF_DATE_LAST_UPDATE": FIXED_DATE, "RESIZE": "YES"}
            target = Path(temp) / f"{name}.shp"
            pyogrio.write_dataframe(_moved(table, epsg), target, geometry_type="Polygon", encoding="GBK", **options)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in sorted(p for p in Path(temp).iterdir() if p.suffix not in without):
                entry = zipfile.ZipInfo(member.name, (2024, 1, 1, 0, 0, 0))
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, member.read_bytes())
    return path


def write_geojson(path: Path, table: gpd.GeoDataFrame) -> Path:
    """GeoJSON with the legacy crs member, one feature a line, nine decimals."""
    head = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{STORED}"}}
    features = (_feature(row, geom) for row, geom in zip(_records(table), table.geometry, strict=True))
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    opening = f'{{"type":"FeatureCollection","name":"GHYDYH","crs":{json.dumps(head)},"features":[\n'
    path.write_text(f"{opening}{lines}\n]}}\n", encoding="utf-8")
    return path


def _records(table: gpd.GeoDataFrame) -> list[dict[str, object]]:
    return table.drop(columns=table.geometry.name).to_dict("records")


def _feature(row: dict[str, object], geom: shapely.Geometry) -> dict[str, object]:
    rounded = shapely.transform(geom, lambda xy: xy.round(9))
    return {"type": "Feature", "properties": row, "geometry": mapping(rounded)}


GOOD = """# Plan files to upload

Drawn by `python -m villages.demo.files` (演示数据，非测绘成果). Do not edit by hand: run it again.
The names and codes of the villages are real, their land is not.

| file | village | format, CRS | what it is |
|---|---|---|---|
| liugou_v1.gpkg | 柳沟村 370983101204 | GeoPackage, EPSG:4490 | first version: real conflicts K1 (two zones), K3, K4 (four zones), one misfit, two legacy homesteads |
| liugou_v2.zip | 柳沟村 370983101204 | Shapefile in GBK, EPSG:4527 (zone prefix 39) | corrected second version: only the misfit and the legacy homesteads remain |
| wubu_v1.geojson | 五埠村 370983108216 | GeoJSON, EPSG:4490 | heritage plan without real conflicts |
| wubu_v1_cm117.gpkg | 五埠村 370983108216 | GeoPackage, EPSG:4548 (no prefix) | the same plan |

Layers: GHYDYH (zones; BSM, YSDM, XZQDM, XZQMC, YDYHFLDM, YDYHFLMC, TBMJ in ellipsoidal m², BZ) and, but for GeoJSON,
ZDXM (projects; XMBH, XMMC, XMLX, TZE in 万元, ZJLY, KSNF, JSNF, XMZT, BZ).

## Files with one defect

Made from the second version of 柳沟村 (upload them for 370983101204). Rows count from 1.

| file | rule | row | defect |
|---|---|---|---|
"""

ASKING = """
## Files that ask

The same plan, sound, but with something only a person can say.

| file | asks | what it is |
|---|---|---|
| ask_system.zip | coordinate system, encoding | Shapefile without .prj and .cpg; it is EPSG:4548 and GBK |
| ask_codes.geojson | land-use codes | codes and names of the third survey; 06, 08H2, 1006 and their like stand for several classes |
"""


def write_readme(path: Path, spoiled: list[Defect]) -> Path:
    rows = "".join(
        f"| {d.stem}.geojson | {d.rule} | {', '.join(map(str, d.rows)) or '–'} | {d.text} |\n" for d in spoiled
    )
    path.write_text(GOOD + rows + ASKING, encoding="utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    for path in write_all(parser.parse_args().folder):
        print(f"{path} {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
