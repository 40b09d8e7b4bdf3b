"""The child may have been taken over by what it read: its answer is checked before anything parses it."""

import json
import os
import struct
from pathlib import Path

import pytest
import shapely

from portal.geo import handover
from portal.geo.issues import Refused
from portal.geo.source import Limits

SQUARE = shapely.to_wkb(shapely.box(117, 36, 118, 37), byte_order=1)


def answer(folder: Path, *, blob: bytes = SQUARE, raw: str | None = None, **changes) -> Path:
    layer = {
        "name": "GHYDYH", "fields": ["A"], "columns": [["0703"]], "crs": "EPSG:4490", "encoding": "utf-8", "notes": [],
        "sizes": [len(blob)], "raw_bounds": [117, 36, 118, 37], "samples": {"BIG5": ["宅"]},
    }  # fmt: skip
    (folder / handover.ANSWER).write_text(raw or json.dumps({"layers": [{**layer, **changes}]}))
    (folder / handover.GEOMETRY).write_bytes(blob)
    return folder


def reason(folder: Path, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as refused:
        handover.receive(folder, limits or Limits())
    return refused.value.issues[0].params["reason"]


def test_an_answer_of_the_agreed_shape_is_taken(tmp_path):
    (layer,) = handover.receive(answer(tmp_path), Limits())
    assert layer.columns == [["0703"]]
    assert layer.wkb == [SQUARE]


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": [["0703", "0601"]]},
        {"columns": []},
        {"columns": [["a\0b"]]},
        {"name": "a\0b"},
        {"fields": ["a\0b"]},
        {"columns": [[{"nested": 1}]]},
        {"columns": [["x" * 20_000]]},
        {"fields": ["A", "A"], "columns": [["1"], ["2"]]},
        {"fields": [7]},
        {"name": "x" * 2000},
        {"name": None},
        {"sizes": [10**9]},
        {"sizes": [-5]},
        {"sizes": ["5"]},
        {"notes": [{"reason": "<script>"}]},
        {"notes": 5},
        {"raw_bounds": [1, 2, 3]},
        {"raw_bounds": [1, 2, 3, "4"]},
        {"raw_bounds": [1, 2, 3, float("inf")]},
        {"samples": ["x"]},
        {"samples": {str(number): [] for number in range(11)}},
        {"samples": {"UTF-8": ["x"] * 11}},
    ],
    ids=str,
)
def test_an_answer_of_another_shape_is_a_crash(tmp_path, changes):
    assert reason(answer(tmp_path, **changes)) == "crashed"


@pytest.mark.parametrize(
    "raw", ["", "[]", "{}", '{"layers": 5}', '{"refused": [{"params": {"reason": "no such"}}]}', "[" * 9000]
)
def test_an_answer_that_is_no_answer_is_a_crash(tmp_path, raw):
    assert reason(answer(tmp_path, raw=raw or " ")) == "crashed"


def nested_collections(depth: int) -> bytes:
    return struct.pack("<BII", 1, 7, 1) * depth + struct.pack("<BII", 1, 7, 0)


@pytest.mark.parametrize(
    "blob",
    [
        nested_collections(100_000),
        struct.pack("<BII", 1, 6, 1) + nested_collections(10),
        struct.pack("<BII", 1, 3, 2**32 - 1),
        struct.pack("<BIII", 1, 3, 1, 2**32 - 1),
        struct.pack(">BI", 0, 3) + b"\0" * 20,
        struct.pack("<BI", 1, 0x80000003) + b"\0" * 20,
        SQUARE + b"more",
        SQUARE[:-8],
        b"\x01",
    ],
    ids=["nested", "nested in multi", "rings", "points", "big endian", "with heights", "longer", "shorter", "one byte"],
)
def test_a_hostile_geometry_is_found_before_it_is_parsed(tmp_path, blob):
    assert reason(answer(tmp_path, blob=blob)) == "crashed"


def test_limits_hold_on_the_receiving_side_too(tmp_path):
    assert reason(answer(tmp_path), Limits(vertices=4, rows=1000)) == "too_many_vertices"
    assert reason(answer(tmp_path), Limits(fields=0)) == "too_many_fields"
    assert reason(answer(tmp_path), Limits(rows=0)) == "too_many_rows"
    assert reason(answer(tmp_path), Limits(layers=0)) == "too_many_layers"
    assert reason(answer(tmp_path), Limits(values=0)) == "too_many_values"
    assert reason(answer(tmp_path), Limits(file_bytes=10)) == "output_too_large"


def test_a_link_or_a_pipe_in_place_of_the_answer_is_not_followed(tmp_path):
    (tmp_path / "real").write_text('{"layers": []}')
    (tmp_path / handover.ANSWER).symlink_to(tmp_path / "real")
    assert reason(tmp_path) == "crashed"
    (tmp_path / handover.ANSWER).unlink()
    os.mkfifo(tmp_path / handover.ANSWER)
    assert reason(tmp_path) == "crashed"


def test_names_become_one_short_line_and_differ():
    assert handover.plain("a\0b\n\u202ec \ud800 d") == "ab c d"
    assert handover.unique(["A", "A", "A_2", "A"]) == ["A", "A_2", "A_2_2", "A_3"]


def test_what_no_database_takes_is_left_out_of_the_reasons(tmp_path):
    """The NUL of a damaged .prj, found by mutation: the import ended as our fault because the issue could not be stored."""
    stated = [{"row": None, "layer": "GHY\0DYH", "params": {"reason": "crs_unknown", "text": "GEO\0GCS \ud83d[\x7f"}}]
    (tmp_path / handover.ANSWER).write_text(json.dumps({"refused": stated}))
    with pytest.raises(Refused) as refused:
        handover.receive(tmp_path, Limits())
    issue = refused.value.issues[0]
    assert (issue.layer, issue.params["text"]) == ("GHYDYH", "GEOGCS [")
