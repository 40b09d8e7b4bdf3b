"""A reading child tells how far it is, is believed no more than a number, and dies at once when its reading is cancelled."""

import os
import tempfile
import time
from pathlib import Path

import pytest

from portal.geo import progress, readers, sandbox
from portal.jobs import Cancelled
from tests import shapes

SLOW = """
import sys, time
from pathlib import Path
print(__import__("os").getpid(), file=open(Path(sys.argv[1]) / "pid", "w"))
Path(sys.argv[1], "progress").write_bytes(b"042\\n")
time.sleep(60)
"""


@pytest.fixture
def scratch(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(sandbox, "LOOK", 0.05)
    return folder


@pytest.fixture
def plan(tmp_path) -> Path:
    path = tmp_path / "plan.geojson"
    path.write_bytes(shapes.geojson())
    return path


def test_the_parent_hears_how_far_the_child_is_and_a_cancel_kills_it_at_once(scratch, plan, tmp_path, monkeypatch):
    child = tmp_path / "slow.py"
    child.write_text(SLOW)
    monkeypatch.setattr(sandbox, "CHILD", child)
    pids = []

    def alive(share: float) -> None:
        if share == 0.42:
            pids.extend(int(path.read_text()) for path in scratch.glob("*/pid"))
            raise Cancelled

    began = time.monotonic()
    with pytest.raises(Cancelled):
        readers.read(plan, name="plan.geojson", progress=alive)
    assert time.monotonic() - began < 5
    assert list(scratch.iterdir()) == []
    assert not Path(f"/proc/{pids[0]}").exists()


def test_the_usual_child_ends_having_told_most_of_its_way(scratch, plan):
    with sandbox.job_folder() as folder:
        (folder / "input.json").write_bytes(plan.read_bytes())
        from portal.geo import handover
        from portal.geo.source import LIMITS, Options

        handover.write_task(folder, "json", "plan", Options(), LIMITS)
        sandbox.run_child(folder, LIMITS)
        assert progress.told(folder) >= 0.8


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"-10\n", b"9e9\n", b"042", b"1" * 10_000, b"\xff\xfe\n", b"042\nmore"], ids=repr
)
def test_strange_words_about_progress_mean_nothing_was_read(tmp_path, content):
    (tmp_path / progress.FILE).write_bytes(content)
    assert progress.told(tmp_path) == 0.0


def test_progress_is_no_way_to_another_file_nor_to_an_endless_wait(tmp_path):
    (tmp_path / "secret").write_bytes(b"042\n")
    (tmp_path / progress.FILE).symlink_to(tmp_path / "secret")
    assert progress.told(tmp_path) == 0.0
    (tmp_path / progress.FILE).unlink()
    os.mkfifo(tmp_path / progress.FILE)
    assert progress.told(tmp_path) == 0.0
    (tmp_path / progress.FILE).unlink()
    (tmp_path / progress.FILE).write_bytes(b"999\n")
    assert progress.told(tmp_path) == 1.0


def test_the_folder_of_a_living_reading_is_never_swept_however_old(scratch):
    with sandbox.job_folder() as living:
        dead = scratch / f"{sandbox.PREFIX}dead"
        dead.mkdir()
        for folder in (living, dead):
            os.utime(folder, (0, 0))
        assert sandbox.remove_leftovers() == 1
        assert living.exists()
    assert not living.exists()
