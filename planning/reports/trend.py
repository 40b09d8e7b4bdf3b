"""How the quality of a village's plan went from file to file (质检趋势): points in time, and the drawing of them."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from planning.models import PlanVersion
from planning.quality import report as stored_report
from portal.geo.issues import ERROR, WARNING
from portal.models import Upload
from villages.models import Village

MAX_POINTS = 24
WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, MIDDLE, BOTTOM = 44, 16, 22, 150, 224
"""the score has the upper part of the drawing, numbers of errors and warnings the lower one"""


@dataclass(frozen=True)
class Point:
    """One judged file."""

    at: datetime.datetime
    name: str
    score: float
    errors: int
    warnings: int
    upload: str | None
    version: str | None
    number: int | None
    checked_only: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(), "name": self.name, "score": self.score, "errors": self.errors, "warnings": self.warnings,
            "upload": self.upload, "version": self.version, "number": self.number, "checked_only": self.checked_only,
        }  # fmt: skip


def points(village: Village) -> list[Point]:
    """The last files of a village that were judged, oldest first."""
    versions = list(PlanVersion.objects.filter(plan__village=village).order_by("-created_at")[: 2 * MAX_POINTS])
    numbers = {v.pk: v.number for v in versions}
    uploads = Upload.objects.filter(division_code=village.code, result__has_key="report").order_by("-created_at")
    rows = uploads.values_list(
        "pk", "name", "created_at", "result__report", "result__version", "result__checked_only"
    )[:MAX_POINTS]  # fmt: skip
    found = [
        _point(report, at, name, upload=pk, version=version, number=numbers.get(version), checked_only=bool(only))
        for pk, name, at, report, version, only in rows
        if report
    ]
    found += [
        _point(v.report, v.created_at, v.note or str(v.number), upload=None, version=v.pk, number=v.number)
        for v in versions
        if v.report and v.upload_id is None
    ]
    return sorted(found, key=lambda point: point.at)[-MAX_POINTS:]


def _point(
    report: dict[str, Any], at: datetime.datetime, name: str, *, checked_only: bool = False, **names: Any
) -> Point:
    judged = parse_datetime(report.get("at", "")) or at
    errors, warnings = (stored_report.count(report, level) for level in (ERROR, WARNING))
    return Point(
        timezone.localtime(judged), name, report["score"], errors, warnings, checked_only=checked_only, **names
    )


def drawing(found: list[Point]) -> dict[str, Any]:
    """Places of everything in the drawing, in its own units: the line of scores above, columns of numbers below."""
    step = (WIDTH - LEFT - RIGHT) / max(len(found), 1)
    most = max([p.errors + p.warnings for p in found] + [1])
    marks = [_mark(n, point, step, most) for n, point in enumerate(found)]
    return {
        "width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "bottom": BOTTOM, "names": BOTTOM + 18,
        "line": " ".join(f"{m['x']},{m['y']}" for m in marks),
        "marks": marks,
        "scale": [{"y": _height(score), "score": score} for score in (0, 50, 100)],
        "most": most, "columns_top": MIDDLE + 22,
    }  # fmt: skip


def _height(score: float) -> float:
    return round(MIDDLE - (MIDDLE - TOP) * score / 100, 1)


def _mark(n: int, point: Point, step: float, most: int) -> dict[str, Any]:
    x = LEFT + step * (n + 0.5)
    room = BOTTOM - MIDDLE - 22
    errors, warnings = room * point.errors / most, room * point.warnings / most
    return {
        "point": point, "x": round(x, 1), "y": _height(point.score), "label_y": round(_height(point.score) - 9, 1),
        "left": round(x - min(step * 0.3, 14), 1), "width": round(min(step * 0.6, 28), 1),
        "errors_y": round(BOTTOM - errors, 1), "errors": round(errors, 1),
        "warnings_y": round(BOTTOM - errors - warnings, 1), "warnings": round(warnings, 1),
        "name": str(n + 1),
    }  # fmt: skip
