"""Each layer of the reading child's jail holds with the others off, and nothing outlives a reading."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from portal.geo import readers, sandbox
from portal.geo.issues import Refused
from portal.geo.readers import Limits
from tests import nasty, shapes

PORTAL = Path(sandbox.__file__).resolve().parent.parent
START = f"""
import json, os, socket, subprocess, sys, threading, types
from pathlib import Path
package = types.ModuleType("portal")
package.__path__ = [{str(PORTAL)!r}]
sys.modules["portal"] = package
from portal.geo import child, jail
from portal.geo.source import Limits

def outcome(act):
    try:
        act()
    except BaseException as error:
        return type(error).__name__
    return "done"
"""


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Where job folders are made during the test."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def program(code: str, *arguments: object) -> dict:
    """Run `code` the way the child is run and give back the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", START + code, *map(str, arguments)], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def replaced_child(monkeypatch, tmp_path: Path, code: str) -> None:
    """Let readings start `code` in place of the usual program."""
    path = tmp_path / "other_child.py"
    path.write_text(START + code)
    monkeypatch.setattr(sandbox, "CHILD", path)


def reason(path: Path, name: str, **options) -> str:
    with pytest.raises(Refused) as refused:
        readers.read(path, name=name, **options)
    return refused.value.issues[0].params["reason"]


def upload(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(content)
    return path


CONNECT = """
print(json.dumps({"held": held, "connect": outcome(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2))}))
"""


def test_without_a_jail_the_child_could_connect(port):
    assert program("held = False" + CONNECT, port)["connect"] == "done"


def test_the_system_call_filter_alone_stops_connections(port):
    assert program("jail.forbid_calls(); held = True" + CONNECT, port)["connect"] == "PermissionError"


def test_the_network_namespace_alone_stops_connections_where_it_is_allowed(port):
    told = program("held = jail.leave_network()" + CONNECT, port)
    assert (told["connect"] == "OSError") is told["held"]


def test_the_filter_stops_path_sockets_other_programs_and_new_processes(tmp_path):
    path = str(tmp_path / "database.sock")
    with socket.socket(socket.AF_UNIX) as database:
        database.bind(path)
        database.listen()
        told = program(
            """
jail.forbid_calls()
print(json.dumps({
    "path socket": outcome(lambda: socket.socket(socket.AF_UNIX).connect(sys.argv[1])),
    "program": outcome(lambda: subprocess.run(["/bin/true"])),
    "process": outcome(os.fork),
    "signal": outcome(lambda: os.kill(os.getppid(), 0)),
    "thread": outcome(lambda: threading.Thread(target=print, args=("",), kwargs={"end": ""}).start()),
}))""",
            path,
        )
    assert told == {
        "path socket": "PermissionError",
        "program": "PermissionError",
        "process": "PermissionError",
        "signal": "PermissionError",
        "thread": "done",
    }


def test_the_file_layer_alone_keeps_other_files_unread_and_unwritten_where_the_kernel_has_it(tmp_path):
    job, secret, outside = tmp_path / "job", tmp_path / "secret", tmp_path / "outside"
    job.mkdir()
    secret.write_text("canary")
    told = program(
        """
job, secret, outside = map(Path, sys.argv[1:])
held = jail.restrict_files(job, child.CODE)
print(json.dumps({
    "held": held,
    "read": outcome(secret.read_text),
    "environment of the parent": outcome(Path(f"/proc/{os.getppid()}/environ").read_bytes),
    "write": outcome(lambda: outside.write_text("x")),
    "own": outcome(lambda: (job / "own").write_text("x")),
}))""",
        job, secret, outside,
    )  # fmt: skip
    if told["held"]:
        assert told["read"] == told["write"] == told["environment of the parent"] == "PermissionError"
    assert told["own"] == "done"
    assert outside.exists() is not told["held"]


def test_reading_works_where_a_container_forbids_namespaces_and_the_kernel_has_no_landlock(
    tmp_path, scratch, monkeypatch
):
    replaced_child(
        monkeypatch,
        tmp_path,
        """
import errno, pyseccomp
rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "unshare")
for number in (444, 445, 446):
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), number)
rules.load()
child.main(Path(sys.argv[1]))
""",
    )
    reading = readers.read(upload(tmp_path, shapes.zipped(shapes.shapefile())), name="plan.zip")
    assert len(reading.layers[0].rows) == 1


def test_nothing_is_read_where_no_filter_can_be_set_up(tmp_path, scratch, monkeypatch):
    replaced_child(monkeypatch, tmp_path, "sys.modules['pyseccomp'] = None\nchild.main(Path(sys.argv[1]))")
    assert reason(upload(tmp_path, shapes.geojson()), "plan.geojson") == "sandbox_unavailable"


def test_the_child_gets_no_secret_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://canary")
    monkeypatch.setenv("SECRET_KEY", "canary")
    replaced_child(monkeypatch, tmp_path, "sys.exit(7 if 'canary' in str(os.environ) or not os.environ['HOME'] else 0)")
    sandbox.run_child(tmp_path, Limits())


def test_an_endless_view_that_gets_past_our_check_is_killed_by_the_clock(tmp_path, scratch, monkeypatch):
    replaced_child(
        monkeypatch,
        tmp_path,
        "from portal.geo import geopackage\ngeopackage.check_database = lambda path: []\nchild.main(Path(sys.argv[1]))",
    )
    content = next(case for case in nasty.CASES if case.name == "gpkg_with_endless_view").make(nasty.Canaries("", ""))
    started = time.monotonic()
    assert reason(upload(tmp_path, content), "plan.gpkg", limits=Limits(seconds=2)) == "timeout"
    assert time.monotonic() - started < 10
    assert list(scratch.iterdir()) == []
    assert processes_of(scratch) == []


def test_a_child_that_leaves_processes_behind_loses_them_too(tmp_path, scratch, monkeypatch):
    replaced_child(monkeypatch, tmp_path, "os.fork()\nimport time\ntime.sleep(60)")
    assert reason(upload(tmp_path, shapes.geojson()), "plan.geojson", limits=Limits(seconds=1)) == "timeout"
    assert list(scratch.iterdir()) == []
    until = time.monotonic() + 10  # a killed process that nobody waits for is listed until init has buried it
    while processes_of(scratch) and time.monotonic() < until:
        time.sleep(0.05)
    assert processes_of(scratch) == []


def processes_of(folder: Path) -> list[str]:
    """Command lines of running processes that were started on a job folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_text()
        except OSError:
            continue
        found += [line] if str(folder) in line else []
    return found


def test_a_reading_that_wants_too_much_memory_ends_politely(tmp_path, scratch, monkeypatch):
    replaced_child(
        monkeypatch,
        tmp_path,
        "child.read = lambda *_: bytearray(3 * 2**30)\nchild.main(Path(sys.argv[1]))",
    )
    assert reason(upload(tmp_path, shapes.geojson()), "plan.geojson") == "memory"


def test_a_reading_that_burns_processor_time_ends_politely(tmp_path, scratch, monkeypatch):
    replaced_child(
        monkeypatch, tmp_path, "def burn(*_):\n    while True: pass\nchild.read = burn\nchild.main(Path(sys.argv[1]))"
    )
    assert reason(upload(tmp_path, shapes.geojson()), "plan.geojson", limits=Limits(cpu_seconds=1)) == "timeout"


def test_a_reader_that_crashes_takes_only_itself_down(tmp_path, scratch, monkeypatch):
    replaced_child(monkeypatch, tmp_path, "os.abort()")
    assert reason(upload(tmp_path, shapes.geojson()), "plan.geojson") == "crashed"
    assert list(scratch.iterdir()) == []


def test_job_folders_whose_parent_was_killed_are_swept_later(scratch):
    old, new = scratch / f"{sandbox.PREFIX}old", scratch / f"{sandbox.PREFIX}new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    assert sandbox.remove_leftovers() == 1
    assert new.exists()
    assert not old.exists()


def test_several_readings_at_once_do_not_meet(tmp_path, scratch):
    paths = [upload_as(tmp_path, number) for number in range(4)]
    told: dict[int, str] = {}
    threads = [threading.Thread(target=lambda n=n: told.update({n: zone_name(paths[n])})) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == {number: f"zone {number}" for number in range(4)}


def upload_as(tmp_path: Path, number: int) -> Path:
    path = tmp_path / f"upload{number}"
    path.write_bytes(shapes.geojson(shapes.feature(MC=f"zone {number}")))
    return path


def zone_name(path: Path) -> str:
    return readers.read(path, name="plan.geojson").layers[0].rows["MC"][0]


@pytest.mark.parametrize("driver", ["ESRI Shapefile", "GPKG", "OpenFileGDB"])
def test_a_reading_has_the_one_driver_that_its_kind_of_file_needs(driver):
    told = program(f"from portal.geo import ogr\nprint(json.dumps(sorted(ogr.load({driver!r}).list_drivers())))")
    assert told == [driver]


def test_no_reading_can_have_a_driver_that_is_not_on_the_list():
    told = program(
        "from portal.geo import ogr\n"
        "print(json.dumps([sorted(ogr.DRIVERS), outcome(lambda: ogr.load('GML')), outcome(lambda: ogr.load('GPKG'))]))"
    )
    assert told == [["ESRI Shapefile", "GPKG", "OpenFileGDB"], "Refused", "Refused"]


def test_a_driver_more_than_expected_refuses_every_reading(tmp_path, scratch, monkeypatch):
    replaced_child(
        monkeypatch,
        tmp_path,
        "from portal.geo import ogr\nogr._SETTINGS['GDAL_SKIP'] = 'VRT'\nchild.main(Path(sys.argv[1]))",
    )
    assert reason(upload(tmp_path, shapes.zipped(shapes.shapefile())), "plan.zip") == "driver"


def test_the_process_that_serves_pages_never_loads_gdal_to_read(tmp_path):
    path = upload(tmp_path, shapes.zipped(shapes.shapefile()))
    told = program(
        "from portal.geo import readers\n"
        "reading = readers.read(sys.argv[1], name='plan.zip')\n"
        "print(json.dumps({'rows': len(reading.layers[0].rows), 'loaded': 'pyogrio' in sys.modules or 'geopandas' in sys.modules}))",
        path,
    )
    assert told == {"rows": 1, "loaded": False}
