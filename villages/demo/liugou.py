"""柳沟村 (370983101204), 集聚提升类: a hill-foot village with peach terraces, drawn for the demo."""

from __future__ import annotations

import numpy as np
from shapely import LineString, Polygon, box
from shapely.affinity import translate

from villages.demo.bend import Warp
from villages.demo.lines import fill, permanent_farmland
from villages.demo.sheet import Sheet, Solved
from villages.demo.strokes import Farmland, Hamlet, beyond, blob, curve, farm, homesteads, path, plot, settle, wood

CODE = "370983101204"
NAME = "柳沟"
PLAIN = {"0102": 0.80, "0103": 0.06, "0201": 0.14}
SLOPE = {"0103": 0.62, "0102": 0.14, "0201": 0.24}
TERRACE = {"0201": 0.74, "0103": 0.20, "0304": 0.06}
ROWS = Hamlet(angle=4, length=98)


# Lines that give the village its shape, in shares of its box: (-1, -1) south-west, (1, 1) north-east.
COURSES = {
    "foot": [(-1.2, 0.24), (-0.7, 0.18), (-0.35, 0.34), (0.0, 0.27), (0.22, 0.46), (0.5, 0.40), (0.8, 0.25), (1.2, 0.34)],
    "belt": [(-1.2, 0.0), (-0.7, -0.04), (-0.3, 0.12), (0.1, 0.10), (0.45, 0.16), (0.8, 0.02), (1.2, 0.06)],
    "highway": [(-1.2, -0.33), (-0.6, -0.42), (-0.1, -0.38), (0.4, -0.46), (0.8, -0.40), (1.2, -0.34)],
    "spine": [(-0.10, -1.1), (-0.14, -0.7), (-0.10, -0.38), (-0.13, -0.1), (-0.08, 0.14), (-0.16, 0.42), (-0.06, 0.66),
              (-0.12, 1.1)],
    "brook": [(0.36, 1.1), (0.30, 0.75), (0.42, 0.5), (0.36, 0.2), (0.34, -0.1), (0.24, -0.42), (0.32, -0.7), (0.22, -1.1)],
    "east": [(-0.12, -0.12), (0.2, -0.10), (0.45, -0.06), (0.7, -0.12), (0.9, -0.08), (1.2, -0.14)],
    "west": [(-0.12, -0.08), (-0.45, -0.13), (-0.8, -0.10), (-1.2, -0.16)],
}  # fmt: skip


# course, kind, name, width in metres, hardened
ROADS = (
    ("highway", "县道", "潮柳路", 16.0, True), ("spine", "村道", "柳沟南北路", 6.0, True),
    ("east", "村道", "东山路", 6.0, True), ("west", "村道", "西坡路", 6.0, False),
)  # fmt: skip


# kind, name, points it runs between
CORRIDORS = (("power_110kv", "110千伏潮柳线", [(-1.2, -0.30), (-0.15, -0.22), (0.5, -0.30), (1.2, -0.28)]),)

# persons, homesteads, their m², remark
HOUSEHOLDS = (
    (4, 1, 198.0), (3, 1, 166.0), (5, 1, 264.0), (2, 1, 150.0), (4, 1, 312.5), (6, 2, 380.0, "其中一处继承父母宅基地"),
    (3, 2, 240.0), (4, 1, 200.0), (5, 1, 231.0), (1, 1, 132.0), (4, 1, 289.0, "1982年前建成"), (4, 1, 210.0),
)  # fmt: skip


def sketch(outline: Polygon, middle: tuple[float, float]) -> Sheet:
    """Base year first, then what the two plan versions change."""
    sheet = Sheet(outline, Warp(middle, seed=12))
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
    """Fields in four stretches, each laid out its own way, and the terraces under the hills."""
    sheet.paint("0102", sheet.outline, "field")
    upper = beyond(sheet, lines["highway"], "north")
    lower = beyond(sheet, lines["highway"], "south")
    east = _east_of(sheet, lines["brook"])
    middle = _east_of(sheet, lines["spine"]).difference(east)
    west = sheet.outline.difference(_east_of(sheet, lines["spine"]))
    farm(sheet, lower.intersection(west), Farmland(3, (380, 250), 118, PLAIN, ditch=True), "field/southwest", 1)
    farm(sheet, lower.intersection(middle), Farmland(-4, (340, 250), 112, PLAIN), "field/south", 2)
    farm(sheet, lower.intersection(east), Farmland(-15, (380, 250), 118, PLAIN, ditch=True), "field/southeast", 3)
    farm(sheet, upper.intersection(west), Farmland(6, (350, 230), 112, SLOPE | {"0102": 0.5}), "field/west", 4)
    farm(sheet, upper.intersection(middle), Farmland(2, (350, 210), 112, SLOPE), "field/middle", 5)
    farm(sheet, upper.intersection(east), Farmland(-10, (360, 230), 118, SLOPE | {"0102": 0.4}), "field/east", 6)
    belt = beyond(sheet, lines["belt"], "north").difference(beyond(sheet, lines["foot"], "north"))
    style = Farmland(4, (520, 110), 58, TERRACE, 4.0, upright=False)
    farm(sheet, belt.intersection(sheet.outline), style, "terrace", 7)


def _east_of(sheet: Sheet, line: LineString) -> Polygon:
    """Ground east of a line that crosses the sheet from north to south or back."""
    u1, (v0, v1) = sheet.outline.bounds[2] + 500, (min(c[1] for c in line.coords), max(c[1] for c in line.coords))
    xy = sorted(line.coords, key=lambda c: -c[1])
    return Polygon([(xy[0][0], v1), *xy, (xy[-1][0], v0), (u1, v0), (u1, v1)]).buffer(0)


def _hills(sheet: Sheet, lines: dict[str, LineString]) -> None:
    hill = beyond(sheet, lines["foot"], "north").intersection(sheet.outline)

    def cover(cell: Polygon, chance: float) -> str:
        high = cell.centroid.y > sheet.at(0, 0.62)[1]
        if chance < 0.10:
            return "0403"
        if chance < 0.26:
            return "0303" if high else "0304"
        return "0301"

    wood(sheet, hill, (360, 270), cover, "hill", 8)
    sheet.paint("2306", blob(sheet.at(0.56, 0.52), 95, 60, 5, 20), "scree")
    sheet.paint("2307", blob(sheet.at(0.62, 0.84), 110, 44, 6, -25), "crag")
    sheet.paint("1506", blob(sheet.at(-0.36, 0.25), 50, 30, 9), "graves")


def _water(sheet: Sheet, lines: dict[str, LineString]) -> None:
    path(sheet, lines["brook"], 7, "1705", "brook", 520)
    sheet.paint("1704", blob(sheet.at(0.38, 0.30), 105, 62, 11, 65), "pond")
    sheet.paint("1704", blob(sheet.at(0.265, -0.30), 40, 26, 12, 20), "pond")
    sheet.paint("1704", blob(sheet.at(-0.55, -0.66), 46, 30, 13), "pond")


def _roads(sheet: Sheet, lines: dict[str, LineString]) -> None:
    path(sheet, lines["spine"], 6, "060101", "road")
    path(sheet, lines["east"], 6, "060101", "road")
    path(sheet, lines["west"], 6, "060101", "road")
    path(sheet, lines["highway"], 16, "1202", "highway", 700)


def _heart(sheet: Sheet) -> tuple[float, float]:
    return sheet.at(-0.13, -0.12)


def _growth(sheet: Sheet) -> None:
    """Ground beside the nucleus and the works that the construction boundary keeps for growth."""
    u, v = _heart(sheet)
    sheet.paint("0103", _west_growth(sheet), "growth/west")
    sheet.paint("0201", plot((u + 356, v - 30), 172, 88, 4), "growth/east")
    u, v = sheet.at(0.04, -0.345)
    sheet.paint("0201", plot((u + 92, v - 5), 104, 60, -3), "growth/works")


def _west_growth(sheet: Sheet) -> Polygon:
    u, v = _heart(sheet)
    return plot((u - 384, v - 36), 210, 122, 4)


def _settlements(sheet: Sheet, lines: dict[str, LineString]) -> None:
    u, v = _heart(sheet)
    core = blob((u, v), 268, 160, 21, 4)
    settle(sheet, core, ROWS, "core", 31)
    inner = core.buffer(24).union(_west_growth(sheet))
    for name, width in (("spine", 9), ("east", 8), ("west", 8)):
        sheet.paint("1207", lines[name].intersection(inner).buffer(width / 2, cap_style="flat"), "core/street")
    sheet.paint("080403", plot((u + 118, v + 68), 92, 60, 4), "core/school")
    sheet.paint("0704", plot((u + 62, v + 26), 48, 36, 4), "core/committee")
    sheet.paint("1403", plot((u + 62, v - 6), 48, 22, 4), "core/square")
    sheet.paint("090101", plot((u - 50, v - 8), 60, 16, 4), "core/shops")
    sheet.paint("1301", plot((u - 150, v + 128), 26, 24, 4), "core/water")
    settle(sheet, blob(sheet.at(0.55, -0.18), 95, 52, 22), Hamlet(angle=-9, length=62), "hamlet", 32)


def _scattered(sheet: Sheet) -> None:
    """Works, farm buildings, and one homestead each in the permanent farmland and in the hills."""
    sheet.paint("100101", plot(sheet.at(0.04, -0.345), 120, 60, -3), "works")
    sheet.paint("100101", plot(sheet.at(-0.40, -0.76), 206, 124, 3), "kiln")
    sheet.paint("060202", plot(sheet.at(0.40, -0.53), 96, 52, -15), "pigs")
    for k in range(4):
        sheet.paint("060201", translate(plot(sheet.at(-0.36, -0.52), 34, 92, 3), 38 * k, 2 * k), f"greenhouse/{k}")
    sheet.paint("070301", plot(sheet.at(0.08, -0.57), 42, 18, -4), "lonely")
    sheet.paint("070301", plot(sheet.at(0.12, 0.60), 32, 22, 12), "ranger")


def _plan(sheet: Sheet) -> None:
    """Both versions build in the growth ground; the first also where it must not, the second restores farmland."""
    for version in ("v1", "v2"):
        _new_homes(sheet, version)
        _new_works(sheet, version)
        sheet.edit(version, "0301", sheet.seen("scree"), "greening")
    _services(sheet, "v2")
    sheet.edit("v2", "0102", sheet.seen("hamlet"), "reclaimed/hamlet")
    sheet.edit("v2", "0102", sheet.seen("kiln"), "reclaimed/kiln")
    _mistakes(sheet)


def _new_homes(sheet: Sheet, version: str) -> None:
    """Pairs of rows west of the nucleus; the outer row oversteps the boundary by 0.8 m, a drawing misfit."""
    area = sheet.seen("growth/west")
    made = homesteads(area.buffer(0.01), Hamlet(angle=4, length=70, ragged=0), 33, share=0.9)
    for n, lane in enumerate(made.lanes):
        sheet.edit(version, "1207", lane.intersection(area), f"new-lane/{n}")
    outer = min(made.plots, key=lambda key: (made.plots[key].centroid.x, key))
    for key, ground in made.plots.items():
        over = ground.union(translate(ground, -0.8 * np.cos(np.deg2rad(4)), -0.8 * np.sin(np.deg2rad(4))))
        shape = over if key == outer else ground.intersection(area)
        sheet.edit(version, "070301", shape, f"new-homes/{key[0]}-{key[1]}")


def _new_works(sheet: Sheet, version: str) -> None:
    sheet.edit(version, "100101", sheet.seen("growth/works"), "new-works")


def _services(sheet: Sheet, version: str) -> None:
    """East of the nucleus, on the road: clinic, day care, car park, playground, a small sewage works."""
    area = sheet.seen("growth/east")
    u0, v0, u1, v1 = area.bounds
    cuts = [u0, u1 - 114, u1 - 76, u1 - 38, u1]
    low = ("080602", "new-clinic"), ("080701", "new-daycare"), ("1401", "new-park"), ("120803", "new-parking")
    for (code, label), a, b in zip(low, cuts[:-1], cuts[1:], strict=True):
        sheet.edit(version, code, box(a, v0, b, v1).intersection(area), label)
    sheet.edit(version, "1302", box(u1 - 26, v0, u1, v0 + 24).intersection(area), "new-sewage")


def _mistakes(sheet: Sheet) -> None:
    """What the first version gets wrong: farmland built over, a lodge in the red line, homes beyond the boundary."""
    sheet.edit("v1", "070301", plot(sheet.at(-0.06, -0.455), 112, 46, -1), "wrong/homes-on-farmland")
    sheet.edit("v1", "100101", plot(sheet.at(-0.52, -0.47), 150, 92, -1), "wrong/works-on-farmland")
    sheet.edit("v1", "0901", plot(sheet.at(0.40, 0.62), 64, 44, 20), "wrong/lodge-in-red-line")
    sheet.edit("v1", "070301", plot(sheet.at(-0.33, 0.155), 96, 44, 6), "wrong/homes-outside")


def control_lines(solved: Solved) -> list[tuple[str, str, np.ndarray]]:
    """(kind, name, atoms) of every control line; all follow parcel edges."""
    built = fill(solved, [*solved.base.find("core"), *solved.base.find("growth"), *solved.base.find("works")])
    farmland = permanent_farmland(solved, ("west", "southwest", "south", "southeast", "east"), built, ["lonely"])
    high = [i for i in solved.base.find("hill") if solved.height(i) > solved.sheet.at(0, 0.45)[1]]
    red = [*high, *solved.base.find("ranger")]
    return [
        *(("YJJBNT", f"永久基本农田保护区{n + 1:02d}", atoms) for n, atoms in enumerate(farmland)),
        *(("STBHHX", "北山水源涵养生态保护红线", atoms) for atoms in solved.connected(red)),
        *(("CZJSBJ", "柳沟村村庄建设边界", atoms) for atoms in solved.split(built)),
        *(("ZHFXQ", "北沟口滑坡隐患点影响范围", atoms) for atoms in solved.connected(solved.base.find("scree"))),
        *(("GHFQ", "510 村庄建设区", atoms) for atoms in solved.split(built)),
        *(("GHFQ", "530 农田整备区", atoms) for atoms in farmland),
        *(("GHFQ", "540 林业发展区", atoms) for atoms in solved.connected(high)),
        *(("GBZNT", f"柳沟高标准农田{n + 1:02d}", atoms) for n, atoms in enumerate(farmland[::2])),
    ]


# kind (domain of facilities), name, base parcel it stands on, metres east and north of its middle
FACILITIES = (
    ("01", "柳沟村村委会", "core/committee", -8, 2), ("02", "柳沟村便民服务中心", "core/committee", 8, 2),
    ("11", "柳沟村卫生所（借用村委会用房）", "core/committee", 14, -6), ("04", "文化大院", "core/square", -14, 0),
    ("05", "健身广场", "core/square", 8, 0), ("14", "公共厕所", "core/square", 20, 2), ("08", "柳沟小学", "core/school", 0, 0),
    ("10", "柳沟村幸福院", "core/shops", -16, 0), ("13", "村邮站", "core/shops", 12, 0), ("15", "供水站", "core/water", 0, 0),
    ("16", "柳沟村公交停靠点", "highway", 0, 0), ("19", "垃圾收集点（西街）", "core/shops", 24, 0),
    ("19", "垃圾收集点（东片）", "hamlet", 0, 0), ("26", "古柳", "core/square", -20, -6),
)  # fmt: skip

REMARKS = {
    "new-homes": "新增宅基地", "new-lane": "新增村内道路", "new-works": "桃制品加工点扩建", "new-clinic": "村卫生所",
    "new-daycare": "日间照料中心", "new-park": "小游园", "new-parking": "停车场", "new-sewage": "污水处理站",
    "reclaimed/hamlet": "东片旧宅基地复垦为耕地", "reclaimed/kiln": "旧砖窑复垦为耕地", "greening": "裸地造林",
    "wrong/homes-on-farmland": "沿路新建住宅", "wrong/works-on-farmland": "桃产业园",
    "wrong/lodge-in-red-line": "山林民宿", "wrong/homes-outside": "桃园旁新建住宅",
}  # fmt: skip

COMMON = (
    ("村西新增宅基地", "住房建设", 320.0, "村民自筹", 2025, 2030, "谋划入库", "new-homes"),
    ("桃制品加工点扩建", "产业发展", 560.0, "财政衔接推进乡村振兴补助资金、社会资本", 2025, 2027, "立项", "new-works"),
    ("北沟裸地造林", "生态修复", 48.0, "林业草原生态保护恢复资金", 2026, 2028, "谋划入库", "greening"),
)
# version: name, kind, 万元, funding, start, end, state, planned zones it covers
PROJECTS = {
    "v1": (
        *COMMON,
        ("桃产业园", "产业发展", 1200.0, "社会资本", 2026, 2030, "谋划入库", "wrong/works-on-farmland"),
        ("山林民宿", "产业发展", 380.0, "社会资本", 2026, 2028, "谋划入库", "wrong/lodge-in-red-line"),
    ),
    "v2": (
        *COMMON,
        ("村卫生所", "公共服务", 85.0, "财政衔接推进乡村振兴补助资金", 2025, 2026, "立项", "new-clinic"),
        ("日间照料中心", "公共服务", 120.0, "省级福彩公益金", 2026, 2027, "谋划入库", "new-daycare"),
        ("小游园与停车场", "基础设施", 64.0, "村集体自筹", 2026, 2027, "谋划入库", "new-park"),
        ("污水处理站", "基础设施", 96.0, "农村环境整治资金", 2025, 2027, "立项", "new-sewage"),
        ("东片旧宅基地复垦", "土地整治", 210.0, "耕地建设与利用资金", 2027, 2032, "谋划入库", "reclaimed/hamlet"),
        ("旧砖窑复垦", "土地整治", 58.0, "耕地建设与利用资金", 2025, 2026, "立项", "reclaimed/kiln"),
    ),
}
