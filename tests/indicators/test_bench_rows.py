"""What `manage.py bench` prints, and that its county fits our classes and its tiles the county."""

import json
import math
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from indicators import bench_county, bench_tiles
from indicators.bench import Row
from indicators.management.commands import bench
from planning.models import LandUseClass

ROW = Row("tile-cached", 0.0003, "empty Django view", 0.0002, 1.5, 1.5)


def test_a_row_says_name_ours_peer_theirs_ratio_and_goal():
    assert " ".join(bench.line(ROW).split()) == "tile-cached 0.30 ms empty Django view 0.20 ms 1.50 1.50 met"
    assert bench.line(ROW._replace(ratio=1.6)).endswith("above the goal")
    assert set(json.loads(json.dumps(ROW._asdict()))) == {"name", "ours", "peer", "theirs", "ratio", "goal", "unit"}
    assert "86 kB" in bench.line(ROW._replace(ours=86.0, theirs=250.0, unit="kB"))


def test_without_the_generator_the_command_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(bench_county, "FOLDER", tmp_path)
    with pytest.raises(CommandError, match="--generator"):
        call_command("bench", "overlay", generator=tmp_path / "none.py", stdout=StringIO())


@pytest.mark.django_db
def test_the_classes_of_the_county_are_known():
    known = set(LandUseClass.objects.filter(code_version="2023").values_list("code", flat=True))
    assert set(bench_county.CLASSES.values()) <= known


def test_tiles_to_measure_lie_inside_the_county(version):
    """At zoom 20 a tile is some 30 m wide, so that several fit into the test village."""
    west, south, east, north = version.plan.village.geom.extent
    numbers = bench_tiles.tile_numbers(version, zoom=20)
    assert len(numbers) > 100
    for x, y in numbers:
        left, right = (n / 2**20 * 360 - 180 for n in (x, x + 1))
        top, bottom = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * n / 2**20)))) for n in (y, y + 1))
        assert west <= left < right <= east
        assert south <= bottom < top <= north
    assert numbers == bench_tiles.tile_numbers(version, zoom=20)
