"""How true marks come back from photographs of marked sheets: the table of docs/paper.md.

    ./run manage shell -c "..." is not needed: python -m tests.planning.paper_measure FOLDER [PICTURES]

FOLDER holds printed sheets, each as NAME.pdf with NAME.json, the answer of /api/v1/sheets/<id>/. Each picture is one page marked
with ten marks, photographed under a condition; what is measured is mm on paper, told as metres at the scale of the page.
"""

import dataclasses
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import shapely
from PIL import Image

from planning.papers import reading
from planning.papers.plate import PER_MM, Plate, shrunk
from tests.planning.paper_photos import Pen, Scene, cross, draw, photograph, render, ring, stroke

FOUND = 6.0
"""mm within which a mark that was read counts as the one that was drawn"""
CONDITIONS = {
    "flat, from above": Scene(),
    "turned by 17°": Scene(turn=17, fill=0.97),
    "turned by 90°": Scene(turn=90, fill=0.97),
    "upside down": Scene(turn=180),
    "askew, 28° and 14°": Scene(tilt=(28, 14), turn=5),
    "folded once, 14°": Scene(folds=(("x", 0.5, 14),), tilt=(6, 3)),
    "folded in four": Scene(folds=(("x", 0.5, 14), ("y", 0.5, 9)), tilt=(6, 3)),
    "folded in eight, hard": Scene(folds=(("x", 0.25, -20), ("x", 0.5, 24), ("x", 0.75, -18), ("y", 0.5, 14)), tilt=(10, 5)),
    "curled": Scene(curl=1.1, tilt=(8, 0)),
    "hard shadow, uneven light": Scene(shadow=0.5, gradient=0.35),
    "small and blurred, 3 MP": Scene(size=(2000, 1500), blur=1.1, jpeg=70),
    "all of it": Scene(turn=-33, tilt=(15, -10), folds=(("x", 0.5, 12), ("y", 0.5, 8)), shadow=0.45, gradient=0.3, blur=1.2, jpeg=70, fill=0.97),
}  # fmt: skip


def scene_on(scene: Scene, plate: Plate, seed: int = 1) -> Scene:
    """The scene with its folds (shares of the paper) and its curl (widths of the paper) in mm of this paper."""
    folds = tuple(
        (way, share * (plate.width if way == "x" else plate.height), angle) for way, share, angle in scene.folds
    )
    size = (3200, 2400) if scene.size == (4000, 3000) else scene.size  # four times as quick as 12 MP
    size = size if plate.width > plate.height else size[::-1]
    return dataclasses.replace(scene, folds=folds, curl=scene.curl * plate.width, size=size, seed=seed)


def ten_marks(plate: Plate, seed: int = 0) -> list[Pen]:
    """Three rings (one not closed), three lines, four crosses and spots, in three inks, at places that change with the seed."""
    x, y, wide, high = plate.frame
    random = np.random.default_rng(seed)
    room = min(wide, high) / 100

    def at(a: float, b: float) -> tuple[float, float]:
        return x + (a + random.uniform(-0.03, 0.03)) * wide, y + (b + random.uniform(-0.03, 0.03)) * high

    return [
        Pen("area", "red", ring(*at(0.25, 0.3), 8 * room, 6 * room, seed=seed)),
        Pen("area", "blue", ring(*at(0.75, 0.25), 7 * room, 5 * room, seed=seed + 1, gap=14)),
        Pen("area", "black", ring(*at(0.5, 0.82), 8 * room, 5 * room, seed=seed + 2), width=0.8),
        Pen("line", "blue", stroke(at(0.1, 0.66), at(0.4, 0.8))),
        Pen("line", "black", stroke(at(0.56, 0.6), at(0.9, 0.7)), width=0.7),
        Pen("line", "red", stroke(at(0.62, 0.42), at(0.68, 0.55), bow=1)),
        Pen("spot", "red", cross(*at(0.52, 0.17))),
        Pen("spot", "black", cross(*at(0.13, 0.48), 2.0)),
        Pen("spot", "blue", cross(*at(0.87, 0.5))),
        Pen("spot", "red", ring(*at(0.37, 0.56), 1.2, 1.2)),
    ]


def offs(pens: list[Pen], read: reading.Reading) -> tuple[list[tuple[float, float] | None], int]:
    """For each mark by how many mm it was read off, and by how many it was said to be at most; None if it was not found.
    And how many marks were read that nobody drew."""
    left, told = list(range(len(read.marks))), []
    for pen in pens:
        best = min(
            ((off_by(pen, read.marks[k].shape), k) for k in left if read.marks[k].kind == pen.kind), default=(np.inf, 0)
        )
        if best[0] < FOUND:
            left.remove(best[1])
            told.append((best[0], read.errors[best[1]]))
        else:
            told.append(None)
    return told, len(left)


def off_by(pen: Pen, shape: shapely.Geometry) -> float:
    """mm from the mark as it was drawn: of an area the mean over its outline, of a line over its course, of a spot its place."""
    if pen.kind == "spot":
        place = pen.points[2] if len(pen.points) == 5 else pen.points.mean(axis=0)
        return shapely.Point(place).distance(shape)
    true = shapely.Polygon(pen.points).exterior if pen.kind == "area" else shapely.LineString(pen.points)
    line = shape.exterior if pen.kind == "area" else shape
    there = [true.distance(line.interpolate(part, normalized=True)) for part in np.linspace(0, 1, 60)]
    back = [line.distance(true.interpolate(part, normalized=True)) for part in np.linspace(0.02, 0.98, 60)]
    return float(max(np.mean(there), np.mean(back)))


def printed_pages(folder: Path) -> Iterator[tuple[str, bytes, dict]]:
    for path in sorted(folder.glob("*.json")):
        for page in json.loads(path.read_text("utf-8"))["pages"]:
            if not page["is_index"]:
                yield path.stem, path.with_suffix(".pdf").read_bytes(), page


def measure(
    pdf: bytes, page: dict, scene: Scene, seed: int
) -> tuple[Plate, reading.Reading, list[tuple[float, float] | None], int]:
    plate = Plate.of(page)
    pens = ten_marks(plate, seed)
    jpeg, _corners = photograph(draw(render(pdf, page["number"]), pens, seed), scene_on(scene, plate, seed))
    with Image.open(io.BytesIO(jpeg)) as file:
        photo = shrunk(np.asarray(file.convert("RGB")), 3600)
    printed = cv2.resize(render(pdf, page["number"], PER_MM), plate.size, interpolation=cv2.INTER_AREA)
    read = reading.read(photo, printed, plate)
    return plate, read, *offs(pens, read)


def main(folder: str, pictures: str = "60") -> None:
    cv2.setNumThreads(1)
    pages = list(printed_pages(Path(folder)))
    each = max(1, int(pictures) // len(CONDITIONS))
    print(
        "condition | pictures | found | not drawn, per sheet | median off, mm | largest off, mm | largest off at 1:2000, m | told at most, mm | beyond what was told"
    )
    for condition, scene in CONDITIONS.items():
        found, drawn, more, off, told, unread = 0, 0, 0, [], [], 0
        for number in range(each):
            _name, pdf, page = pages[(number * 5) % len(pages)]
            try:
                _plate, read, marks, extra = measure(pdf, page, scene, seed=10 * number + 1)
            except reading.Unreadable as why:
                unread += 1
                print(condition, why, file=sys.stderr)
                continue
            drawn, more = drawn + len(marks), more + extra
            found += sum(mark is not None for mark in marks)
            off += [mark[0] for mark in marks if mark]
            told += [mark[1] for mark in marks if mark]
            del read
        beyond = sum(a > b for a, b in zip(off, told, strict=True))
        print(
            f"{condition} | {each}{f' ({unread} not read)' if unread else ''} | {found}/{drawn} | {more / max(each - unread, 1):.1f} | {np.median(off):.2f} | {max(off):.2f} | {2 * max(off):.1f} | {max(told):.2f} | {beyond}",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
