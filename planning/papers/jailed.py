"""Our side of the process that reads photographs of marked sheets; what it says is looked at, figure by figure."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from planning.papers.child import FLAT, PAGE, PHOTO, PRINTED
from planning.papers.plate import Plate
from portal.geo import handover, sandbox
from portal.geo.archive import ArchiveLimits
from portal.geo.issues import Refused
from portal.geo.photos import size_of_plain_jpeg
from portal.geo.sandbox import Alive
from portal.geo.source import Limits, Options

PROGRAM = Path(__file__).with_name("child.py")
LIMITS = Limits(
    seconds=240, cpu_seconds=120, memory_bytes=3 * 2**30, file_bytes=30 * 2**20, json_bytes=4 * 2**20,
    archive=ArchiveLimits(members=0, total_bytes=60 * 2**20),
)  # fmt: skip
MOST_MARKS, MOST_POINTS = 80, 2000
KINDS = {"area": 4, "line": 2, "spot": 1}
"""kinds of marks, and how many points each has at least"""
COLOURS = ("red", "green", "blue", "black")


class Fault(Exception):
    """The photograph cannot be read; `code` has words in planning.papers.faults."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Found:
    """A mark as it was found: shape in mm on paper, box in pixels of the flat page, by how many mm it may be off."""

    kind: str
    shape: shapely.Geometry
    colour: str
    box: list[int]
    error_mm: float


@dataclass(frozen=True)
class Page:
    """A page that was read: the flat picture, its marks, and how well it lies."""

    flat: bytes
    marks: list[Found]
    error_mm: float
    corners: list[list[float]]
    places: int
    blind: float
    by: list[int]


def code_in(photo: bytes, alive: Alive = lambda share: None) -> tuple[str, int]:
    """Number of the sheet and of its page by the QR code. Raises Fault."""
    answer, _flat = _asked("code", {PHOTO: photo}, alive)
    if not isinstance(answer["sheet"], str) or not isinstance(answer["page"], int):
        raise Fault("crashed")
    return answer["sheet"][:12], answer["page"]


def read_page(photo: bytes, printed: bytes, page: dict[str, Any], alive: Alive = lambda share: None) -> Page:
    """Marks and flat picture of a photograph of a page that was printed as the PNG `printed`. Raises Fault."""
    files = {PHOTO: photo, PRINTED: printed, PAGE: json.dumps(page).encode()}
    answer, flat = _asked("page", files, alive)
    plate = Plate.of(page)
    try:
        if size_of_plain_jpeg(flat) != plate.size:
            raise ValueError("another size than agreed")
        marks = [_mark(stated, plate) for stated in answer["marks"][:MOST_MARKS]]
        return Page(
            flat, marks, _number(answer["error"], 0, 100),
            [[_number(v, -1e5, 1e5) for v in corner[:2]] for corner in answer["corners"][:4]],
            int(_number(answer["places"], 0, 1e5)), _number(answer["blind"], 0, 1), [int(n) for n in answer["by"][:4]],
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Fault("crashed") from error


def _asked(kind: str, files: dict[str, bytes], alive: Alive) -> tuple[dict[str, Any], bytes]:
    try:
        with sandbox.job_folder() as folder:
            for name, data in files.items():
                (folder / name).write_bytes(data)
            handover.write_task(folder, kind, "page", Options(), LIMITS)
            sandbox.run_child(folder, LIMITS, alive, program=PROGRAM)
            answer = json.loads(handover.content(folder / handover.ANSWER, LIMITS.json_bytes))
            if not isinstance(answer, dict) or "refused" in answer:
                raise Refused(list(handover.stated_issues(answer["refused"])))
            flat = handover.content(folder / FLAT, LIMITS.file_bytes) if (folder / FLAT).exists() else b""
    except Refused as refused:
        reason = refused.issues[0].params.get("reason", "crashed")
        raise Fault(reason if reason in ("timeout", "memory") else "crashed") from refused
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Fault("crashed") from error
    if isinstance(answer.get("fault"), str):
        raise Fault(answer["fault"][:30])
    return answer, flat


def _mark(stated: dict[str, Any], plate: Plate) -> Found:
    kind, points = stated["kind"], stated["points"]
    if kind not in KINDS or stated["colour"] not in COLOURS or not KINDS[kind] <= len(points) <= MOST_POINTS:
        raise ValueError("no mark")
    places = [(_number(x, -5, plate.width + 5), _number(y, -5, plate.height + 5)) for x, y in points]
    box = [int(_number(value, 0, max(plate.size))) for value in stated["box"]]
    if len(box) != 4:
        raise ValueError("no box")
    return Found(kind, shape_of(kind, places), stated["colour"], box, _number(stated["error"], 0, 100))


def shape_of(kind: str, places: list[tuple[float, float]]) -> shapely.Geometry:
    """The places of a mark as a point, a line or a polygon."""
    if kind == "spot":
        return shapely.Point(places[0])
    return shapely.LineString(places) if kind == "line" else shapely.Polygon(places)


def _number(value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no figure")
    if not low <= value <= high:
        raise ValueError("a figure out of its bounds")
    return float(value)
