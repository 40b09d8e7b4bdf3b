"""The kinds of steps on a drawing: what each makes of the zones and projects it is about. Nothing is written here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from planning import drawing_rows as rows
from planning import profiles
from planning.drawing_rows import Row
from planning.models import Drawing
from portal.errors import PortalError
from portal.geo import partition_steps as steps
from portal.geo.partition import Board, Impossible
from portal.geo.partition_check import settled

MAX_ZONES = 5_000
Body = dict[str, Any]


@dataclass
class Change:
    """What a step makes: rows by number (None: gone), what is told of it, and land without a zone that got one, m²."""

    zones: dict[str, Row | None] = field(default_factory=dict)
    projects: dict[str, Row | None] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    gained_m2: float = 0.0
    geometry: bool = False
    """shapes of zones change"""
    measured: list[float] | None = None
    """land without a zone, under two, beyond the village, where it is known"""
    undone: tuple[int, str] | None = None
    """the step that is undone or done again, and its state then"""


def too_many() -> PortalError:
    text = _("A drawing may have %(limit)s zones. Larger plans are drawn in a GIS and handed in as a file.")
    return PortalError(text % {"limit": f"{MAX_ZONES:,}"}, code="too_many")


class Desk:
    """A drawing while one step is made: gives numbers, loads the zones near the step, and notes what becomes of them."""

    def __init__(self, drawing: Drawing, top: int, top_project: int) -> None:
        self.drawing, self.top, self.top_project = drawing, top, top_project

    def number(self) -> int:
        self.top += 1
        return self.top

    def board(self, bounds: Iterable[float] | None = None) -> Board:
        """The zones around a box, or all."""
        zones = rows.shapes(self.drawing.zones.all()) if bounds is None else rows.around(self.drawing, bounds)
        return Board(zones, rows.outline_of(self.drawing))

    def board_of(self, numbers: Iterable[int], *others: shapely.Geometry) -> Board:
        """The zones around some zones; a number that is gone is refused."""
        numbers = list(dict.fromkeys(numbers))
        found = rows.shapes(self.drawing.zones.filter(number__in=numbers))
        if missing := [number for number in numbers if number not in found]:
            raise Impossible("no_zone", zone=missing[0])
        return self.board(shapely.total_bounds([*found.values(), *others]))

    def change(self, board: Board, said: dict[str, Any], new: dict[int, Row] | None = None) -> Change:
        """The rows of what a board became; parts of a zone that fell apart are like the zone."""
        made = settled(board)
        old = rows.kept(self.drawing, "zones", {*made, *board.parents.values()})
        change = Change(said=said, gained_m2=board.gained_m2, geometry=True)
        for number, shape in made.items():
            like = (new or {}).get(number) or old.get(str(board.parents.get(number, number)))
            change.zones[str(number)] = None if shape is None else {**(like or {}), "geom": rows.as_hex(shape)}
        return change


def known(code: str) -> str:
    """A land-use class of the edition in force."""
    if code not in profiles.known_codes():
        raise PortalError(
            _("“%(code)s” is no land-use class. Choose one of the list.") % {"code": code[:40]}, code="code"
        )
    return code


def row(code: str, label: str = "") -> Row:
    return {"code": code, "label": label, "remark": "", "file_code": "", "attributes": {}}


def place(desk: Desk, body: Body) -> Change:
    code, polygon = known(body["code"]), body["geometry"]
    board = desk.board(polygon.bounds)
    number = steps.place(board, polygon, desk.number)
    return desk.change(board, {"number": number}, {number: row(code, body.get("label", ""))})


def split(desk: Desk, body: Body) -> Change:
    board = desk.board_of([body["zone"]], body["line"])
    parts = steps.split(board, body["zone"], body["line"], desk.number)
    return desk.change(board, {"number": body["zone"], "parts": parts})


def merge(desk: Desk, body: Body) -> Change:
    numbers = sorted({*body["zones"], body["into"]})
    if len(numbers) < 2:
        raise PortalError(_("Choose at least two zones to merge."), code="zones")
    board = desk.board_of(numbers)
    steps.merge(board, numbers, body["into"])
    return desk.change(board, {"merged": numbers, "into": body["into"]})


def move(desk: Desk, body: Body) -> Change:
    moves = body["moves"]
    points = shapely.MultiPoint(np.array(moves).reshape(-1, 2))
    board = desk.board(points.bounds)
    steps.move(board, [(np.array(source), np.array(to)) for source, to in moves])
    return desk.change(board, {"count": len(moves)})


def insert(desk: Desk, body: Body) -> Change:
    edge, to = np.array(body["edge"]), np.array(body["to"])
    board = desk.board(shapely.MultiPoint([*edge, to]).bounds)
    steps.insert(board, edge, to)
    return desk.change(board, {"count": 1})


def remove(desk: Desk, body: Body) -> Change:
    nodes = np.array(body["nodes"])
    board = desk.board(shapely.MultiPoint(nodes).bounds)
    steps.remove(board, nodes)
    return desk.change(board, {"count": len(nodes)})


def set_(desk: Desk, body: Body) -> Change:
    numbers = list(dict.fromkeys(body["zones"]))
    given = {name: body[name] for name in ("code", "label", "remark") if name in body}
    if not given:
        raise PortalError(_("Say what shall change: class, label or remark."), code="nothing")
    if "code" in given:
        known(given["code"])
    change = Change(said={"code": given.get("code", "")})
    for number, old in rows.kept(desk.drawing, "zones", numbers).items():
        if old is None:
            raise Impossible("no_zone", zone=int(number))
        change.zones[number] = {**old, **given}
        if given.get("code", old["code"]) != old["code"]:  # what the file or the survey called the old class
            kept = {name: value for name, value in old["attributes"].items() if name != "adjustable"}
            change.zones[number] |= {"file_code": "", "attributes": kept}
    return change


def delete(desk: Desk, body: Body) -> Change:
    number = body["zone"]
    board = desk.board_of([number, body["to"]] if body.get("to") else [number])
    into = body.get("to") or steps.neighbour(board, number)
    if into == number:
        raise Impossible("no_neighbour", zone=number)
    steps.merge(board, [number], into)
    return desk.change(board, {"number": number, "into": into})


def fill(desk: Desk, body: Body) -> Change:
    code, board = known(body["code"]), desk.board()
    made = steps.fill(board, desk.number)
    return desk.change(board, {"made": made}, {number: row(code) for number in made})


def project(desk: Desk, body: Body) -> Change:
    number = body.get("number")
    if number is None:
        desk.top_project += 1
        number, old = desk.top_project, dict.fromkeys(("kind", "funding_source", "remark"), "")
        old |= {"budget_wan": None, "starts_in": None, "ends_in": None, "state": "proposed", "geom": None}
    else:
        old = the_project(desk, number)
    given = {name: body[name] for name in rows.PROJECT_FIELDS if name in body and name != "kind"}
    if "project_kind" in body:  # `kind` says what kind of step it is
        given["kind"] = body["project_kind"]
    if given.get("budget_wan") is not None:
        given["budget_wan"] = str(given["budget_wan"])
    made = {**old, **given}
    if not made.get("name"):
        raise PortalError(_("Give the project a name."), code="name")
    if made["starts_in"] and made["ends_in"] and made["ends_in"] < made["starts_in"]:
        raise PortalError(_("The project would end before it begins. Correct the years."), code="years")
    if "geometry" in body:
        made["geom"] = located(desk.drawing, body["geometry"])
    return Change(projects={str(number): made}, said={"number": number, "name": made["name"]})


def located(drawing: Drawing, shape: shapely.Geometry | None) -> str | None:
    """The place of a project, which must meet the village."""
    if shape is None:
        return None
    if not drawing.village.geom.intersects(GEOSGeometry(shapely.to_wkb(shape, hex=True), srid=4490)):
        raise Impossible("outside_village")
    return rows.as_hex(shape)


def the_project(desk: Desk, number: int) -> Row:
    old = rows.kept(desk.drawing, "projects", [number])[str(number)]
    if old is None:
        raise PortalError(_("Project %(number)s is no longer there.") % {"number": number}, code="no_project")
    return old


def project_remove(desk: Desk, body: Body) -> Change:
    old = the_project(desk, body["number"])
    return Change(projects={str(body["number"]): None}, said={"number": body["number"], "name": old["name"]})


KINDS: dict[str, Callable[[Desk, Body], Change]] = {
    "place": place,
    "split": split,
    "merge": merge,
    "move": move,
    "insert": insert,
    "remove": remove,
    "set": set_,
    "delete": delete,
    "fill": fill,
    "project": project,
    "project_remove": project_remove,
}
