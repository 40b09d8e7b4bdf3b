"""What-ifs for tests: comments to ask about, and the changed plan as a real version to hold a what-if against."""

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

from indicators import runs, whatifs
from indicators.models import WhatIf
from planning import drawings, participation
from planning.models import Comment, PlanVersion
from portal.models import Job, Upload
from tests.grid import SOUTH, STEP, WEST

CLOSE = 1e-6


def area(*corners: tuple[float, float]) -> GEOSGeometry:
    """A polygon through these corners of the grid of cells, as a person draws it."""
    ring = [(round(WEST + c * STEP, 9), round(SOUTH + r * STEP, 9)) for c, r in (*corners, corners[0])]
    return GEOSGeometry(f"SRID=4490;POLYGON(({', '.join(f'{x} {y}' for x, y in ring)}))")


def rectangle(col: float, row: float, cols: float, rows: float) -> GEOSGeometry:
    return area((col, row), (col + cols, row), (col + cols, row + rows), (col, row + rows))


def drawn_comment(version: PlanVersion, by, shape: GEOSGeometry, text: str = "这里应该不变") -> Comment:
    return participation.post_comment(version, by=by, text=text, shape=shape)


def computed(what_if: WhatIf) -> WhatIf:
    """The what-if as the worker leaves it."""
    return whatifs.answer(WhatIf.objects.get(pk=what_if.pk))


def as_version(what_if: WhatIf, planner, run_jobs) -> PlanVersion:
    """The changed plan, handed in as a file by way of the drawing board, imported and judged like any other."""
    drawing = whatifs.as_drawing(what_if, by=planner)
    drawing = drawings.hand_in(drawing.pk, by=planner, revision=drawing.revision)
    run_jobs()
    upload = Upload.objects.get(pk=drawing.upload_id)
    assert upload.result.get("version"), (
        upload.state,
        upload.result,
        list(Job.objects.values("kind", "state", "message")),
    )
    version = PlanVersion.objects.get(pk=upload.result["version"])
    runs.judge(version)
    return PlanVersion.objects.get(pk=version.pk)


def same(value: float | None):
    return None if value is None else pytest.approx(value, rel=CLOSE, abs=1e-6)


def check_against(what_if: WhatIf, original: PlanVersion, changed: PlanVersion) -> None:
    """Every indicator, and every conflict's area, is that of the two versions judged in full."""
    told = {row["code"]: row for row in what_if.result["indicators"]}
    for side, version in (("before", original), ("after", changed)):
        values = dict(runs.newest(version).values.values_list("code", "value"))
        assert set(values) == set(told)
        for code, value in values.items():
            assert told[code][side] == same(value), (code, side)
    for row in told.values():
        if row["delta"] is not None:
            assert row["delta"] == pytest.approx(row["after"] - row["before"], abs=1e-9)
    check_conflicts(what_if, original, changed)


def check_conflicts(what_if: WhatIf, original: PlanVersion, changed: PlanVersion) -> None:
    """Areas by check and category: what the rows of a what-if say has changed is what differs between the versions, and a
    check of which it says nothing found the same on both."""
    sums = [areas(version) for version in (original, changed)]
    told: dict[tuple[str, str], list[float]] = {}
    for row in what_if.result["conflicts"]:
        for n, key in enumerate((row["category_before"] or row["category"], row["category"])):
            told.setdefault((row["code"], key), [0.0, 0.0])[n] += (row["before_m2"], row["after_m2"])[n]
    for key in {*sums[0], *sums[1], *told}:
        before, after = (side.get(key, 0.0) for side in sums)
        gone, new = told.get(key, (0.0, 0.0))
        assert after - before == pytest.approx(new - gone, rel=CLOSE, abs=max(1e-3, CLOSE * max(before, after))), key
        if key not in told:
            assert after == pytest.approx(before, rel=CLOSE, abs=1e-3), key


def areas(version: PlanVersion) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for code, category, m2 in version.findings.exclude(code="K9").values_list("code", "category", "area_m2"):
        found[code, category] = found.get((code, category), 0.0) + m2
    return found


def several(*polygons: GEOSGeometry) -> MultiPolygon:
    return MultiPolygon(*polygons, srid=4490)
