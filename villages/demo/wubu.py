"""五埠村 (370983108216), 特色保护类: the stone houses of 五埠岭伙大门 on their ridge, drawn for the demo."""

from __future__ import annotations

import numpy as np
from shapely import LineString, Polygon, box

from villages.demo.bend import Warp
from villages.demo.lines import fill, permanent_farmland
from villages.demo.sheet import Sheet, Solved
from villages.demo.strokes import Farmland, Hamlet, beyond, blob, curve, farm, homesteads, path, plot, settle, wood

CODE = "370983108216"
NAME = "五埠"
PLAIN = {"0102": 0.74, "0103": 0.14, "0201": 0.12}
SLOPE = {"0103": 0.66, "0201": 0.34}
TERRACE = {"0201": 0.58, "0103": 0.34, "0304": 0.08}
OLD = Hamlet(angle=17, length=72, depth=15.5, lane=4.5, cross=5, ragged=0.24, gaps=0.07)
NEW = Hamlet(angle=-3, length=108)


# Lines that give the village its shape, in shares of its box: (-1, -1) south-west, (1, 1) north-east.
COURSES = {
    "foot": [(-1.2, 0.40), (-0.7, 0.48), (-0.3, 0.58), (0.05, 0.44), (0.4, 0.52), (0.75, 0.30), (1.2, 0.22)],
    "belt": [(-1.2, -0.02), (-0.7, 0.02), (-0.3, -0.06), (0.1, -0.02), (0.5, -0.12), (1.2, -0.10)],
    "highway": [(-1.2, -0.50), (-0.6, -0.58), (0.0, -0.55), (0.5, -0.62), (1.2, -0.52)],
    "spine": [(0.10, -1.2), (0.06, -0.8), (0.02, -0.55), (0.08, -0.3), (-0.02, -0.05), (-0.06, 0.2), (0.06, 0.5), (0.0, 1.2)],
    "brook": [(-0.42, 1.2), (-0.46, 0.7), (-0.55, 0.3), (-0.50, -0.1), (-0.42, -0.5), (-0.52, -0.8), (-0.46, -1.2)],
    "cross": [(-1.2, -0.24), (-0.7, -0.28), (-0.3, -0.22), (0.08, -0.27), (0.5, -0.25), (1.2, -0.32)],
}  # fmt: skip


# course, kind, name, width in metres, hardened
ROADS = (
    ("highway", "县道", "孙五路", 14.0, True), ("spine", "村道", "五埠南北路", 6.0, True),
    ("cross", "村道", "五埠东西路", 6.0, False),
)  # fmt: skip


def sketch(outline: Polygon, middle: tuple[float, float]) -> Sheet:
    """Base year first, then the plan."""
    sheet = Sheet(outline, Warp(middle, seed=5))
    lines = _lines(sheet)
    _land(sheet, lines)
    _hills(sheet, lines)
    _water(sheet, lines)
    _growth(sheet)
    _roads(sheet, lines)
    _settlements(sheet, lines)
    _scattered(sheet)
    _plan(sheet)
    return sheet


def _lines(sheet: Sheet) -> dict[str, LineString]:
    return {name: curve([sheet.at(s, t) for s, t in points]) for name, points in COURSES.items()}


def _land(sheet: Sheet, lines: dict[str, LineString]) -> None:
    sheet.paint("0103", sheet.outline, "field")
    upper = beyond(sheet, lines["highway"], "north").intersection(sheet.outline)
    lower = sheet.outline.difference(upper)
    east = beyond_east(sheet, lines["spine"])
    farm(sheet, lower.difference(east), Farmland(5, (360, 250), 150, PLAIN, ditch=True), "field/southwest", 41)
    farm(sheet, lower.intersection(east), Farmland(-8, (360, 250), 150, PLAIN), "field/southeast", 42)
    farm(sheet, upper.difference(east), Farmland(-4, (350, 240), 146, PLAIN), "field/west", 43)
    farm(sheet, upper.intersection(east), Farmland(9, (350, 240), 150, SLOPE | {"0102": 0.5}), "field/east", 44)
    belt = beyond(sheet, lines["belt"], "north").intersection(sheet.outline)
    farm(sheet, belt, Farmland(8, (560, 114), 66, TERRACE, 4.0, upright=False), "terrace", 45)


def beyond_east(sheet: Sheet, line: LineString) -> Polygon:
    """Ground east of a line that crosses the sheet from south to north."""
    edge = sheet.outline.bounds[2] + 500
    xy = list(line.coords)
    return Polygon([*xy, (edge, xy[-1][1]), (edge, xy[0][1])]).buffer(0)


def _hills(sheet: Sheet, lines: dict[str, LineString]) -> None:
    def cover(cell: Polygon, chance: float) -> str:
        return "0403" if chance < 0.14 else "0303" if chance < 0.34 else "0301"

    wood(sheet, beyond(sheet, lines["foot"], "north").intersection(sheet.outline), (380, 280), cover, "hill", 46)
    wood(
        sheet,
        blob(sheet.at(0.62, 0.02), 210, 130, 47, 25).intersection(sheet.outline),
        (300, 260),
        lambda cell, chance: "0301",
        "knoll",
        48,
    )
    sheet.paint("2307", blob(sheet.at(0.30, 0.72), 90, 45, 49, 12), "crag")
    sheet.paint("2306", blob(sheet.at(-0.22, 0.46), 70, 34, 50, 20), "scree")
    sheet.paint("1506", blob(sheet.at(0.36, 0.36), 44, 28, 51), "graves")


def _water(sheet: Sheet, lines: dict[str, LineString]) -> None:
    path(sheet, lines["brook"], 6, "1705", "brook", 460)
    sheet.paint("1703", blob(sheet.at(-0.53, 0.22), 92, 150, 52, 8), "reservoir")
    sheet.paint("1704", blob(sheet.at(0.30, -0.42), 42, 28, 53, 15), "pond")


def _heart(sheet: Sheet) -> tuple[float, float]:
    return sheet.at(-0.07, 0.14)


def _growth(sheet: Sheet) -> None:
    sheet.paint("0201", _homes_ground(sheet), "growth/homes")
    u, v = _heart(sheet)
    sheet.paint("0103", plot((u + 178, v - 96), 130, 70, 17), "growth/visitors")
    sheet.paint("0103", plot(sheet.at(0.535, -0.527), 130, 78, -4), "town/growth")


def _homes_ground(sheet: Sheet) -> Polygon:
    u, v = sheet.at(0.05, -0.26)
    return plot((u + 276, v + 33), 190, 112, -3)


def _roads(sheet: Sheet, lines: dict[str, LineString]) -> None:
    path(sheet, lines["spine"], 6, "060101", "road")
    path(sheet, lines["cross"], 6, "060101", "road")
    path(sheet, lines["highway"], 14, "1202", "highway", 650)


def _settlements(sheet: Sheet, lines: dict[str, LineString]) -> None:
    old = blob(_heart(sheet), 175, 118, 54, 17)
    u, v = sheet.at(0.05, -0.26)
    new = blob((u, v + 12), 205, 98, 55, -3)
    settle(sheet, old, OLD, "old", 56)
    settle(sheet, new, NEW, "new", 57)
    wide = new.union(_homes_ground(sheet))
    for name, width, area, label in (("spine", 6, old, "old"), ("spine", 8, new, "new"), ("cross", 8, wide, "new")):
        sheet.paint(
            "1207", lines[name].intersection(area.buffer(4)).buffer(width / 2, cap_style="flat"), f"{label}/street"
        )
    sheet.paint("0704", plot((u + 66, v + 46), 50, 36, -3), "new/committee")
    sheet.paint("1403", plot((u + 66, v + 15), 50, 22, -3), "new/square")
    sheet.paint("080602", plot((u + 112, v + 46), 30, 34, -3), "new/clinic")
    sheet.paint("090101", plot((u - 58, v + 16), 46, 16, -3), "new/shops")
    u, v = _heart(sheet)
    sheet.paint("1504", plot((u - 44, v + 18), 48, 30, 17), "old/gate-house")
    sheet.paint("1503", plot((u + 66, v + 74), 26, 22, 17), "old/temple")


def _scattered(sheet: Sheet) -> None:
    sheet.paint("100101", plot(sheet.at(0.62, -0.53), 110, 70, -4), "town/works")
    sheet.paint("100101", plot(sheet.at(0.17, -0.79), 196, 122, 5), "yard")
    sheet.paint("060202", plot(sheet.at(-0.62, -0.40), 70, 44, -4), "sheep")
    for k in range(3):
        sheet.paint(
            "060201", plot((sheet.at(0.30, -0.75)[0] + 40 * k, sheet.at(0, -0.75)[1]), 36, 84, -8), f"greenhouse/{k}"
        )
    sheet.paint("070301", plot(sheet.at(0.44, -0.90), 34, 18, 5), "lonely")


def _plan(sheet: Sheet) -> None:
    """Reuse of the old houses, a visitor ground beside them, few new homes, a yard given back to the fields."""
    area = sheet.seen("growth/homes")
    made = homesteads(area, Hamlet(angle=-3, length=54, ragged=0, gaps=0), 58, share=0.9)
    for n, lane in enumerate(made.lanes):
        sheet.edit("v1", "1207", lane.intersection(area), f"new-lane/{n}")
    for (column, row), ground in made.plots.items():
        sheet.edit("v1", "070301", ground.intersection(area), f"new-homes/{column}-{row}")
    _visitors(sheet)
    _reuse(sheet)
    sheet.edit("v1", "110101", sheet.seen("town/growth"), "new-cold-store")
    sheet.edit("v1", "0102", sheet.seen("yard"), "reclaimed/yard")
    sheet.edit("v1", "0301", sheet.seen("scree"), "greening")


def _visitors(sheet: Sheet) -> None:
    area = sheet.seen("growth/visitors")
    u0, v0, u1, v1 = area.bounds
    cuts = np.linspace(u0, u1, 4)
    uses = ("080302", "new-hall"), ("1403", "new-square"), ("120803", "new-parking")
    for (code, label), a, b in zip(uses, cuts[:-1], cuts[1:], strict=True):
        sheet.edit("v1", code, box(a, v0, b, v1).intersection(area), label)


def _reuse(sheet: Sheet) -> None:
    """Old courtyards become guest houses and show houses: existing construction land, nothing added."""
    homes = sorted({p.label for p in sheet.base if p.label.startswith("old/home/")})
    for n, label in enumerate(homes[3:18:3]):
        sheet.edit("v1", "090104" if n % 2 else "1504", sheet.seen(label), f"reuse/{n}")


def control_lines(solved: Solved) -> list[tuple[str, str, np.ndarray]]:
    """(kind, name, atoms) of every control line; all follow parcel edges."""
    base = solved.base
    built = fill(solved, [*base.find("old"), *base.find("new"), *base.find("growth")])
    town = fill(solved, base.find("town"))
    taken = np.concatenate([built, town])
    farmland = permanent_farmland(solved, ("west", "southwest", "southeast", "east"), taken, ["lonely"])
    edge = solved.gather(base.find("old/edge"))
    core = np.setdiff1d(fill(solved, base.find("old")), edge)
    return [
        *(("YJJBNT", f"永久基本农田保护区{n + 1:02d}", atoms) for n, atoms in enumerate(farmland)),
        *(("STBHHX", "五埠岭水土保持生态保护红线", atoms) for atoms in solved.connected(base.find("hill"))),
        *(("CZJSBJ", "五埠村村庄建设边界", atoms) for atoms in solved.split(built)),
        *(("CZKFBJ", "孙伯镇城镇开发边界（五埠片）", atoms) for atoms in solved.split(town)),
        *(("LSWHBHX", "五埠岭伙大门核心保护范围", atoms) for atoms in solved.split(core)),
        *(("LSWHBHX", "五埠岭伙大门建设控制地带", atoms) for atoms in solved.split(edge)),
        *(("ZHFXQ", "西坡崩塌隐患点影响范围", atoms) for atoms in solved.connected(base.find("scree"))),
        *(("GBZNT", f"五埠高标准农田{n + 1:02d}", atoms) for n, atoms in enumerate(farmland[::3])),
    ]


# kind (domain of facilities), name, base parcel it stands on, metres east and north of its middle
FACILITIES = (
    ("01", "五埠村村委会", "new/committee", -8, 0), ("02", "五埠村便民服务中心", "new/committee", 10, 0),
    ("11", "五埠村卫生所", "new/clinic", 0, 0), ("05", "健身广场", "new/square", 12, 0),
    ("04", "农家书屋", "new/square", -14, 0), ("14", "公共厕所（村委）", "new/square", 22, 0),
    ("16", "五埠村公交停靠点", "highway", 0, 0), ("19", "垃圾收集点（新村）", "new/shops", 20, 0),
    ("24", "五埠岭伙大门古民居", "old/gate-house", 0, 0), ("25", "五埠岭老庙", "old/temple", 0, 0),
    ("26", "古槐", "old/temple", 10, -6), ("14", "公共厕所（古村）", "old/gate-house", 18, -8),
    ("19", "垃圾收集点（古村）", "old/gate-house", -18, -10), ("21", "避灾点", "new/square", 0, 6),
)  # fmt: skip

REMARKS = {
    "new-homes": "新增宅基地", "new-lane": "新增村内道路", "new-hall": "民俗展馆", "new-square": "游客广场",
    "new-parking": "游客停车场", "reuse": "老宅活化利用", "new-cold-store": "果品冷链仓储（城镇开发边界内）",
    "reclaimed": "建设用地复垦为耕地", "greening": "裸地造林",
}  # fmt: skip

# version: name, kind, 万元, funding, start, end, state, planned zones it covers
PROJECTS = {
    "v1": (
        ("古村落老宅活化利用", "历史文化保护", 680.0, "省级传统村落保护资金、社会资本", 2025, 2028, "立项", "reuse"),
        ("游客广场与停车场", "产业发展", 260.0, "财政衔接推进乡村振兴补助资金", 2025, 2026, "谋划入库", "new-square"),
        ("民俗展馆", "公共服务", 180.0, "文旅专项资金", 2026, 2027, "谋划入库", "new-hall"),
        ("果品冷链仓储", "产业发展", 420.0, "社会资本", 2026, 2028, "谋划入库", "new-cold-store"),
        ("旧货场复垦", "土地整治", 36.0, "耕地建设与利用资金", 2025, 2025, "立项", "reclaimed"),
        ("西坡裸地造林", "生态修复", 22.0, "林业草原生态保护恢复资金", 2025, 2027, "谋划入库", "greening"),
    ),
}
