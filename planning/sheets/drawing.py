"""The map of a sheet: areas in the official colours, lines and marks in the symbols of the map on screen, coordinates around."""

import numpy as np
import shapely
from django.utils.translation import gettext as _

from planning.sheets.content import Areas, Content
from planning.sheets.pages import BORDER, Page, grid_step
from planning.sheets.paper import INK, RED, SOFT, Paper, rings
from villages.maps import LINE_STYLES

PROJECT, FACILITY, ROAD = "#7a2e8e", "#0b4f8a", "#8a8f8b"
BOUNDARY = (3.2, 0.8, 0.4, 0.8)
"""dashes in mm of the line around a village (村界)"""
BEYOND = 4.0
"""mm beyond the frame up to which shapes are kept"""
LABEL_MM = 3.4
"""radius of the smallest place that a zone number is written into"""
BETWEEN = 70.0
"""mm between crosses of the grid up to which one more between them is enough"""
PIXEL = 0.2645
"""mm of a pixel on screen, in which dashes of control lines are given"""


def draw_map(paper: Paper, page: Page, content: Content, *, numbers: bool, tiles: list[Page]) -> None:
    """Everything inside the frame, the lowest first, and the two lines with coordinates around it."""
    frame = paper.place.frame
    with paper.clipped(frame):
        paper.box(frame, fill="#fbfaf6")
        _surroundings(paper, page, content)
        seen = _areas(paper, page, content.areas)
        _lines(paper, page, content)
        _boundary(paper, page, content.village, 0.55)
        for shape in content.findings:
            paper.hatched(_rings(paper, page, shape), RED)
        if content.chosen is not None:
            paper.shape(_rings(paper, page, content.chosen), line="#ffffff", width=1.4)
            paper.shape(_rings(paper, page, content.chosen), line="#ffb000", width=0.9)
        _grid(paper, page)
        if numbers and not page.is_index:
            _labels(paper, page, content.areas, seen)
        _marks(paper, page, content)
        for tile in tiles if page.is_index else []:
            _tile(paper, page, tile)
    _border(paper, page)


def _kept(page: Page, shape: shapely.Geometry) -> shapely.Geometry:
    """What of a shape is near the frame, without bends nobody can see."""
    beyond = BEYOND * page.scale / 1000
    west, south, east, north = page.extent
    near = shapely.clip_by_rect(shape, west - beyond, south - beyond, east + beyond, north + beyond)
    return shapely.simplify(near, 0.03 * page.scale / 1000)


def _rings(paper: Paper, page: Page, shape: shapely.Geometry) -> list[np.ndarray]:
    return [paper.to_paper(page, xy) for xy in rings(_kept(page, shape)) if len(xy) > 1]


def _surroundings(paper: Paper, page: Page, content: Content) -> None:
    """Neighbouring villages with their names, and roads."""
    for name, shape in content.neighbours:
        near = _kept(page, shape)
        paper.shape([paper.to_paper(page, xy) for xy in rings(near)], fill="#f1efe8", line="#9aa39d", width=0.25, dash=BOUNDARY)  # fmt: skip
        inside = shapely.intersection(shapely.make_valid(near), shapely.box(*page.extent))
        if inside.area * (1000 / page.scale) ** 2 > 500:  # mm²
            x, y = paper.to_paper(page, shapely.get_coordinates(shapely.point_on_surface(inside)))[0]
            paper.say(x, y, name, 8, colour="#7b857f", align="middle", halo=0.5)
    for shape in content.roads:
        parts = _rings(paper, page, shape)
        paper.shape(parts, line=ROAD, width=0.9, closed=False)
        paper.shape(parts, line="#ffffff", width=0.55, closed=False)


def _areas(paper: Paper, page: Page, areas: Areas) -> list[int]:
    """Fill all, then draw all lines, so that no fill covers half of a line. Gives the positions of those on the sheet."""
    seen = list(np.flatnonzero(shapely.intersects(areas.shapes, shapely.box(*page.extent))))
    drawn = {i: _rings(paper, page, areas.shapes[i]) for i in seen}
    for i, parts in drawn.items():
        # a hairline of its own colour: without it the paper shines through between neighbours on screen
        paper.shape(parts, fill=areas.colours[i], line=areas.colours[i], width=0.05)
    width = 0.07 if page.is_index else 0.13
    paper.shape([part for parts in drawn.values() for part in parts], line="#4c564f", width=width)
    return seen


def _lines(paper: Paper, page: Page, content: Content) -> None:
    for kind, shape in content.lines:
        colour, dash = LINE_STYLES[kind]
        parts = _rings(paper, page, shape)
        paper.shape(parts, line="#ffffff", width=1.0)
        paper.shape(parts, line=colour, width=0.5, dash=dash_mm(dash))


def dash_mm(dash: list[int]) -> tuple[float, ...]:
    return tuple(part * PIXEL for part in dash)


def _boundary(paper: Paper, page: Page, village: shapely.Geometry, width: float) -> None:
    parts = _rings(paper, page, village)
    paper.shape(parts, line="#ffffff", width=width * 2.4)
    paper.shape(parts, line=INK, width=width, dash=BOUNDARY)


def _labels(paper: Paper, page: Page, areas: Areas, seen: list[int]) -> None:
    """Number and code where there is room for them, in the middle of the widest place."""
    per_metre = 1000 / page.scale
    frame = shapely.box(*page.extent)
    for i in seen:
        shape = shapely.intersection(shapely.make_valid(_kept(page, areas.shapes[i])), frame)
        if shape.area * per_metre**2 < 4 * LABEL_MM**2:
            continue
        middle, radius = _roomy(shape, 0.4 / per_metre)
        radius *= per_metre
        if radius < LABEL_MM / 2:
            continue
        (x, y), (upper, lower) = paper.to_paper(page, middle)[0], areas.labels[i]
        both = lower and radius >= LABEL_MM * 0.72
        paper.say(x, y if both else y + 0.9, upper, 6.8, bold=True, align="middle", halo=0.7)
        if both:
            paper.say(x, y + 2.6, lower, 5.8, align="middle", halo=0.7)


def _roomy(shape: shapely.Geometry, tolerance: float) -> tuple[np.ndarray, float]:
    """A place inside for a label and the room around it, both in m: the centroid where it is nearly as good as the widest place."""
    middle, edge = shapely.get_coordinates(shapely.maximum_inscribed_circle(shape, tolerance=tolerance))
    radius = float(np.hypot(*(edge - middle)))
    centroid = shapely.centroid(shape)
    if shape.contains(centroid) and shape.boundary.distance(centroid) >= 0.7 * radius:
        middle = shapely.get_coordinates(centroid)[0]
    return middle[None], radius


def _marks(paper: Paper, page: Page, content: Content) -> None:
    frame = shapely.box(*page.extent)
    for shape in content.facilities:
        if frame.intersects(shape):
            paper.spot(*_spot(paper, page, shape), 1.1, FACILITY)
    for number, shape in content.projects:
        if not frame.intersects(shape):
            continue
        if shape.geom_type != "Point":
            parts = _rings(paper, page, shape)
            paper.shape(parts, line=PROJECT, width=0.6, dash=(1.2, 0.9), closed="Polygon" in shape.geom_type)
        x, y = _spot(paper, page, shape)
        paper.spot(x, y, 1.7, PROJECT)
        paper.say(x, y + 0.85, number, 6, bold=True, colour="#ffffff", align="middle", within=3)


def _spot(paper: Paper, page: Page, shape: shapely.Geometry) -> tuple[float, float]:
    x, y = paper.to_paper(page, shapely.get_coordinates(shapely.point_on_surface(shape)))[0]
    return float(x), float(y)


def _tile(paper: Paper, page: Page, tile: Page) -> None:
    """Where another sheet lies, with its number."""
    west, south, east, north = tile.extent
    parts = paper.to_paper(page, np.array([[west, south], [east, south], [east, north], [west, north]]))
    paper.shape([parts], line="#ffffff", width=0.9)
    paper.shape([parts], line=RED, width=0.35)
    x, y = parts.mean(axis=0)
    paper.say(x, y + 2, tile.number, 16, bold=True, colour=RED, align="middle", halo=1.2)


def _ticks(page: Page) -> tuple[list[float], list[float]]:
    """Eastings and northings of the coordinate grid inside the frame."""
    step = grid_step(page.scale)
    west, south, east, north = page.extent
    return (
        list(np.arange(np.ceil(west / step) * step, east, step)),
        list(np.arange(np.ceil(south / step) * step, north, step)),
    )


def _grid(paper: Paper, page: Page) -> None:
    """Small crosses where the lines of the grid meet, and smaller ones between: by these a photograph of a folded sheet is
    laid flat (planning.papers), also where a map shows nothing else."""
    step = grid_step(page.scale)
    between = step / (2 if step * 1000 / page.scale < BETWEEN else 4)
    west, south, east, north = page.extent
    for x_m in np.arange(np.ceil(west / between) * between, east, between):
        for y_m in np.arange(np.ceil(south / between) * between, north, between):
            x, y = paper.to_paper(page, np.array([[x_m, y_m]]))[0]
            arm = 1.6 if round(x_m) % step == 0 and round(y_m) % step == 0 else 0.9
            paper.stroke(x - arm, y, x + arm, y, 0.12, "#1f2a24")
            paper.stroke(x, y - arm, x, y + arm, 0.12, "#1f2a24")


def _border(paper: Paper, page: Page) -> None:
    """A thin line around the map, a thick one (图廓) outside; between them ticks with their coordinates in metres."""
    x, y, wide, high = paper.place.frame
    paper.box((x, y, wide, high), line=INK, width=0.18)
    paper.box((x - BORDER, y - BORDER, wide + 2 * BORDER, high + 2 * BORDER), line=INK, width=0.7)
    eastings, northings = _ticks(page)
    for east in eastings:
        at = float(paper.to_paper(page, np.array([[east, page.extent[1]]]))[0, 0])
        for top in (y - BORDER, y + high):
            paper.stroke(at, top, at, top + BORDER, 0.12)
        if x + 3 < at < x + wide - 12:
            paper.say(at + 0.8, y - 1.6, f"{east:.0f}", 6, colour=SOFT)
            paper.say(at + 0.8, y + high + 3.4, f"{east:.0f}", 6, colour=SOFT)
    for north in northings:
        at = float(paper.to_paper(page, np.array([[page.extent[0], north]]))[0, 1])
        for left in (x - BORDER, x + wide):
            paper.stroke(left, at, left + BORDER, at, 0.12)
        if y + 14 < at < y + high - 3:
            paper.turned(x - BORDER / 2, at - 6, f"{north:.0f}", 6, colour=SOFT)
            paper.turned(x + wide + BORDER / 2, at - 6, f"{north:.0f}", 6, colour=SOFT)
    _north(paper)


def _north(paper: Paper) -> None:
    """The arrow (指北针) in the upper right corner of the map; the grid's north, which is the sheet's."""
    x, y, wide, _high = paper.place.frame
    middle, top = x + wide - 9, y + 9
    left = np.array([[middle, top], [middle - 3.4, top + 12], [middle, top + 9]])
    right = np.array([[middle, top], [middle + 3.4, top + 12], [middle, top + 9]])
    paper.shape([left], fill=INK, line=INK, width=0.2)
    paper.shape([right], fill="#ffffff", line=INK, width=0.2)
    paper.say(middle, top - 1.4, _("N"), 10, bold=True, align="middle", halo=1.2)
