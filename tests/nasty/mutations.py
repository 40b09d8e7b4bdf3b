"""Good plan files of every kind, and seeded damage to them: bytes, members of archives, values of texts.

`mutated` is a pure function of file and chance, so a number and a seed name a file again.
"""

import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import pandas
import shapely

from tests import world
from tests.grid import cell

NASTY_NUMBERS = ["1e308", "-1e308", "1e-320", "0", "-0.0", "NaN", "Infinity", "1" * 400, "9" * 19, "180.0000001", "1e5"]
NASTY_TEXTS = [
    "", "\x00", "\ufeff", "\u202e", "\ud83d\ude00", "=cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>", "../../etc/passwd",
    "'; DROP TABLE planning_zone; --", "{{7*7}}", "%s%n", "A" * 20_000, "null", "\u0130", "file:///etc/passwd",
]  # fmt: skip


def plan() -> geopandas.GeoDataFrame:
    """Ten strips that tile the test village, with Chinese text."""
    rows = world.plan_rows()
    shapes = [cell(0, r, 10, 1).geoms[0] for r in range(10)]
    names = ["水浇地", "乔木林地", "农村宅基地"]
    data = {"BSM": [f"Z{n}" for n in range(10)], "YDYHFLDM": rows, "BZ": [names[n % 3] for n in range(10)]}
    return geopandas.GeoDataFrame(data, geometry=shapes, crs=4490)


def good_files(folder: Path) -> dict[str, bytes]:
    """One good file of each kind: name -> content. Each is accepted, or asks a person for nothing but a choice."""
    table, made = plan(), {}
    table.to_file(folder / "plan.gpkg", layer="GHYDYH")
    made["plan.gpkg"] = (folder / "plan.gpkg").read_bytes()
    made["plan.geojson"] = json.dumps(json.loads(table.to_json()), ensure_ascii=False).encode()
    made["shp.zip"] = zipped(folder / "shp", lambda to: table.to_crs(4548).to_file(to / "GHYDYH.shp", encoding="GBK"))
    made["gdb.zip"] = zipped(
        folder / "gdb", lambda to: table.to_file(to / "plan.gdb", driver="OpenFileGDB", layer="GHYDYH")
    )
    for name, driver in (("plan.gml", "GML"), ("plan.kml", "KML")):
        table.to_crs(4326).to_file(folder / name, driver=driver, layer="GHYDYH")
        made[name] = (folder / name).read_bytes()
    flat = table.to_crs(4548)[["geometry"]].assign(Layer="GHYDYH")
    flat["geometry"] = shapely.boundary(flat.geometry.values)
    flat.to_file(folder / "plan.dxf", driver="DXF")
    made["plan.dxf"] = (folder / "plan.dxf").read_bytes()
    return made


def good_tables() -> dict[str, bytes]:
    """A table of facts as Excel and as CSV."""
    table = pandas.DataFrame(
        {"村庄代码": [world.LIUGOU], "指标": ["户数"], "年份": [2020], "数值": [400], "来源": ["统计"]}
    )
    sheet = io.BytesIO()
    table.to_excel(sheet, index=False)
    return {"facts.xlsx": sheet.getvalue(), "facts.csv": table.to_csv(index=False).encode("gb18030")}


def zipped(folder: Path, write: Callable[[Path], None]) -> bytes:
    folder.mkdir()
    write(folder)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(p for p in folder.rglob("*") if p.is_file()):
            archive.write(part, part.relative_to(folder).as_posix())
    return stream.getvalue()


def mutated(name: str, good: bytes, chance: random.Random) -> bytes:
    """One damaged copy: of its bytes, of a member in its archive, or of values in its text."""
    act = chance.random()
    if zipfile.is_zipfile(io.BytesIO(good)) and act < 0.6:
        return damaged_member(good, chance)
    if name.endswith((".geojson", ".gml", ".kml", ".csv", ".dxf")) and act < 0.6:
        return damaged_text(good, chance)
    return damaged_bytes(good, chance)


def damaged_bytes(good: bytes, chance: random.Random) -> bytes:
    """Cut off, or a few bytes replaced, put in, taken out or a block moved."""
    if chance.random() < 0.15:
        return good[: chance.randrange(len(good))]
    made = bytearray(good)
    for _ in range(chance.choice([1, 1, 2, 5, 20, 100])):
        at, act = chance.randrange(max(1, len(made))), chance.random()
        if act < 0.6:
            made[at : at + 1] = bytes([chance.choice([0, 255, 128, 127, chance.randrange(256)])])
        elif act < 0.75:
            made[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
        elif act < 0.9:
            del made[at : at + chance.randrange(1, 9)]
        else:
            size, to = chance.randrange(1, 200), chance.randrange(max(1, len(made)))
            made[to : to + size] = made[at : at + size]
    return bytes(made)


def damaged_member(good: bytes, chance: random.Random) -> bytes:
    """The archive stays sound; one member is damaged, lost, renamed, doubled or empty."""
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        members = [(m.filename, archive.read(m)) for m in archive.infolist()]
    at = chance.randrange(len(members))
    name, content = members[at]
    act = chance.random()
    if act < 0.7 and content:
        members[at] = (name, damaged_bytes(content, chance))
    elif act < 0.8:
        del members[at]
    elif act < 0.9:
        members[at] = (chance.choice([f"x/{name}", f"../{name}", name.upper(), name[:-1], f"{name}.exe"]), content)
    else:
        members[at] = (name, b"")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.writestr(*member)
    return stream.getvalue()


def damaged_text(good: bytes, chance: random.Random) -> bytes:
    """Numbers and words replaced by ones that no survey has, or a whole piece of the text doubled or dropped."""
    text = good.decode("utf-8", "surrogateescape")
    for _ in range(chance.choice([1, 1, 2, 4])):
        spots = (
            list(re.finditer(r"-?\d+(?:\.\d+)?", text)) if chance.random() < 0.6 else list(re.finditer(r"\w{2,}", text))
        )
        if not spots:
            break
        spot = chance.choice(spots)
        act = chance.random()
        if act < 0.7:
            new = chance.choice(NASTY_NUMBERS if spot[0][:1].isdigit() else NASTY_TEXTS)
            text = text[: spot.start()] + new + text[spot.end() :]
        elif act < 0.85:
            end = min(len(text), spot.start() + chance.randrange(1, 400))
            text = text[:end] + text[spot.start() : end] + text[end:]
        else:
            text = text[: spot.start()] + text[min(len(text), spot.start() + chance.randrange(1, 400)) :]
    return text.encode("utf-8", "surrogatepass" if chance.random() < 0.5 else "replace")
