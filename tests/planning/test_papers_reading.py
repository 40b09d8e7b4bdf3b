"""Photographs of marked sheets, made from printed pages: what is read of them, how true it is, and what is refused."""

import dataclasses
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from planning.models import Sheet
from planning.papers import reading
from planning.papers.plate import PER_MM, Plate
from planning.sheets import making, orders
from tests.planning.paper_measure import offs, scene_on, ten_marks
from tests.planning.paper_photos import Scene, draw, photograph, render
from tests.rows import shared

SMALL = (2400, 1800)


@shared
def sheet(version, cast) -> Sheet:
    """A page on A4 that was drawn by the portal."""
    row = orders.register(version, orders.Order(what="zone", zone=8, paper="A4", scale=None), by=cast.planner)
    making.make(row)
    return row


@pytest.fixture
def page(sheet):
    """The page as a dict of its row, its pixels as printed, and the picture a pen is put on."""
    with sheet.file.open("rb") as stream:
        pdf = stream.read()
    plate = Plate.of(sheet.pages[0])
    printed = cv2.resize(render(pdf, 1, PER_MM), plate.size, interpolation=cv2.INTER_AREA)
    return plate, printed, render(pdf, 1)


def taken(drawn: np.ndarray, scene: Scene, plate: Plate) -> np.ndarray:
    data, _corners = photograph(drawn, scene_on(dataclasses.replace(scene, size=SMALL), plate))
    with Image.open(io.BytesIO(data)) as file:
        return np.asarray(file.convert("RGB"))


@pytest.mark.parametrize(
    "scene",
    [
        Scene(turn=-33, tilt=(14, -9), folds=(("x", 0.5, 12), ("y", 0.5, 8)), shadow=0.45, gradient=0.3, jpeg=72, fill=0.97),
        Scene(turn=90, curl=1.2, blur=1.1),
    ],
    ids=["askew, folded in four, in a shadow", "turned by a quarter, curled, blurred"],
)  # fmt: skip
def test_marks_are_found_within_the_error_that_is_told(page, scene):
    plate, printed, picture = page
    pens = ten_marks(plate, 3)
    read = reading.read(taken(draw(picture, pens), scene, plate), printed, plate)
    marks, more = offs(pens, read)
    assert sum(mark is not None for mark in marks) >= 9
    assert more <= 2
    for off, told in filter(None, marks):
        assert off < told < 1.5
    colours = {(mark.kind, mark.colour) for mark in read.marks}
    assert colours >= {("area", "red"), ("area", "blue"), ("line", "black"), ("spot", "red")}


def test_a_clean_sheet_has_no_marks_and_three_corners_are_enough(page):
    plate, printed, picture = page
    thumb = picture.copy()
    x, y = (plate.marks[0] * 10).astype(int)
    thumb[y - 60 : y + 60, x - 60 : x + 60] = (196, 154, 128)
    read = reading.read(taken(thumb, Scene(turn=5, shadow=0.4, folds=(("x", 0.5, 8),)), plate), printed, plate)
    assert read.by == [1, 2, 3]
    assert len(read.marks) <= 2  # what is taken for ink beside small print; told in docs/paper.md


def test_two_covered_corners_another_page_and_no_page_are_refused(page):
    plate, printed, picture = page
    covered = picture.copy()
    for corner in (0, 2):
        x, y = (plate.marks[corner] * 10).astype(int)
        covered[y - 60 : y + 60, x - 60 : x + 60] = (196, 154, 128)
    table = np.full((1800, 2400, 3), (130, 100, 70), np.uint8)
    other = np.full_like(printed, 255)
    for photo, original, fault in (
        (taken(covered, Scene(), plate), printed, "corners"), (table, printed, "corners"),
        (cv2.resize(picture, None, fx=0.8, fy=0.8), other, "not_this_page"), (table[:500, :700], printed, "too_small"),
    ):  # fmt: skip
        with pytest.raises(reading.Unreadable) as raised:
            reading.read(photo, original, plate)
        assert raised.value.fault == fault


def test_a_corner_out_of_the_picture_is_named(page):
    plate, printed, picture = page
    high, wide = picture.shape[:2]
    for box, fault in (
        ((round(wide * 0.12), 0, wide, high), "cut_0"),
        ((0, 0, round(wide * 0.955), round(high * 0.955)), "corner_2"),
    ):
        left, top, right, low = box
        with pytest.raises(reading.Unreadable) as raised:
            reading.read(cv2.resize(picture[top:low, left:right], None, fx=0.8, fy=0.8), printed, plate)
        assert raised.value.fault.split("_")[0] in ("cut", "corner", "corners"), fault


def test_a_reflection_is_told_and_hides_no_other_mark(page):
    plate, printed, picture = page
    x, y, wide, high = plate.frame
    scene = Scene(glare=(x + 0.75 * wide, y + 0.25 * high, 14))
    read = reading.read(taken(draw(picture, ten_marks(plate, 3)), scene, plate), printed, plate)
    assert 0 <= read.blind < 0.2
    marks, _more = offs(ten_marks(plate, 3), read)
    assert sum(mark is not None for mark in marks) >= 7
