"""The chain of threats.md section 0: each layer alone, with the others switched off, stops the class it is there for.

Each test switches off what stands before and behind: no first look at the file, no jail, all of GDAL's drivers. Where
that makes the attack succeed, the test shows it, so that what is claimed for the layer is not true of nothing.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from portal.geo import archive, readers, sandbox
from portal.geo.archive import ArchiveLimits
from portal.geo.issues import Refused
from portal.geo.readers import Limits
from tests import nasty, shapes
from tests.nasty.listener import Listener

SECRET = "canary-77aa01"
PORTAL = Path(sandbox.__file__).resolve().parent.parent
START = f"""
import json, sys, types
from pathlib import Path
package = types.ModuleType("portal")
package.__path__ = [{str(PORTAL)!r}]
sys.modules["portal"] = package
from portal.geo import child, handover, jail, ogr
from portal.geo.issues import Refused
from portal.geo.source import Limits, Options
"""
ALL_DRIVERS = """
import pyogrio, pyogrio.raw
def opened(path):
    try:
        return str(pyogrio.raw.read(path)[3])
    except Exception as error:
        return type(error).__name__
"""


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.socket.close()


@pytest.fixture
def canaries(listener, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(f"id,name\n1,{SECRET}\n")
    return nasty.Canaries(listener.url, str(secret))


def case(name: str) -> nasty.Case:
    return next(case for case in nasty.CASES if case.name == name)


def made(name: str, canaries: nasty.Canaries, folder: Path) -> Path:
    """The nasty file under its own name."""
    path = folder / case(name).filename
    path.write_bytes(case(name).make(canaries))
    return path


def program(code: str, *arguments: object) -> object:
    done = subprocess.run(
        [sys.executable, "-I", "-c", START + code, *map(str, arguments)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- the inspection of archives

ARCHIVES = [
    made.name
    for made in nasty.CASES
    if made.reasons and "zip_mixed" not in made.reasons and all(reason.startswith("zip_") for reason in made.reasons)
]


@pytest.mark.parametrize("name", ARCHIVES)
def test_the_inspection_of_archives_alone_stops_what_is_wrong_with_one(name, canaries, tmp_path):
    """In this process: no first look, no jail, no driver that would refuse."""
    out = tmp_path / "job" / "out"
    out.mkdir(parents=True)
    path = made(name, canaries, tmp_path)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(Refused) as refused:
        archive.unpack(path, out, ArchiveLimits())
    assert refused.value.issues[0].params["reason"] in case(name).reasons
    assert {path for path in tmp_path.rglob("*") if path.parent != out} == before
    assert SECRET not in "".join(part.read_text("latin-1") for part in out.iterdir())


def test_the_archives_are_many():
    assert len(ARCHIVES) >= 25


# --- the first look

DISGUISES = [
    "vrt_as_geojson", "vrt_as_gpkg", "vrt_as_kml", "vrt_as_gml", "vrt_as_dxf", "vrt_over_http", "vrt_to_database", "wfs_as_json",
    "wfs_as_gml", "wms_as_kml", "gml_xxe_of_a_file", "gml_xxe_over_http", "kml_xxe", "html_and_zip_polyglot", "zip_as_geojson",
    "dwg", "flatgeobuf", "raster_vrt_as_tif",
]  # fmt: skip


@pytest.mark.parametrize("name", DISGUISES)
def test_the_first_look_alone_turns_disguises_away(name, canaries, tmp_path, monkeypatch):
    """What comes after it would hand out anything."""
    monkeypatch.setattr(sandbox, "read_in_child", lambda *_: pytest.fail("the first look let it through"))
    with pytest.raises(Refused) as refused:
        readers.read(made(name, canaries, tmp_path), name=case(name).filename)
    assert refused.value.issues[0].params["reason"] in case(name).reasons


# --- the readers' own checks

CONTENTS = [
    "crs_by_link", "crs_name_is_url", "crs_name_is_proj_string", "gml_xxe_in_zip", "gml_billion_laughs_in_zip",
    "gml_external_subset", "gml_with_schema_location", "gml_with_gfs_and_schema_beside", "gml_xlink_to_a_geometry",
    "gml_srs_is_a_link", "kml_xxe", "kml_network_link", "kml_overlays_icons_and_styles_elsewhere", "kml_model_elsewhere",
    "dxf_block_bomb", "dxf_block_in_another_file", "dxf_image_elsewhere", "prj_is_url", "prj_is_pipeline", "gpkg_with_endless_view",
]  # fmt: skip
WITHOUT_JAIL = """
path, kind = Path(sys.argv[1]), sys.argv[2]
try:
    layers = child.read(path, kind, "plan", Options(), Limits())
    reasons, told = [], str([[layer.name, layer.columns] for layer in layers])
except Refused as refused:
    reasons, told = [issue.params["reason"] for issue in refused.issues], str(refused.issues)
print(json.dumps([reasons, told]))
"""


@pytest.mark.parametrize("name", CONTENTS)
def test_the_readers_alone_follow_nothing_and_unfold_nothing(name, canaries, listener, tmp_path):
    """No first look, no jail, and a network to use."""
    path = made(name, canaries, tmp_path)
    kind = path.suffix[1:]
    reasons, told = program(WITHOUT_JAIL, path, "json" if kind == "geojson" else kind)
    assert set(reasons) <= case(name).reasons
    assert bool(reasons) == bool(case(name).reasons)
    assert SECRET not in told
    assert listener.hits == 0


# --- the drivers


@pytest.mark.parametrize("name", ["vrt_as_geojson", "vrt_as_gpkg", "vrt_as_kml", "vrt_as_csv"])
def test_the_list_of_drivers_alone_keeps_instructions_from_being_followed(name, canaries, tmp_path):
    path = tmp_path / case(name).filename
    path.write_bytes(case(name).make(canaries))
    assert SECRET in program(ALL_DRIVERS + "print(json.dumps(opened(sys.argv[1])))", path)
    for driver in ("GPKG", "ESRI Shapefile", "OpenFileGDB"):
        assert (
            program(f"ogr.load({driver!r})" + ALL_DRIVERS + "print(json.dumps(opened(sys.argv[1])))", path)
            == "DataSourceError"
        )


# --- the network


@pytest.mark.parametrize("name", ["vrt_over_http", "crs_by_link", "wfs_as_json"])
def test_the_closed_network_alone_keeps_requests_in(name, canaries, listener, tmp_path):
    """All drivers, no look at the content: the request is tried, and does not get out."""
    path = made(name, canaries, tmp_path)
    program("jail.forbid_calls()" + ALL_DRIVERS + "print(json.dumps(opened(sys.argv[1])))", path)
    assert listener.hits == 0
    if program("print(json.dumps(jail.leave_network()))"):
        program("jail.leave_network()" + ALL_DRIVERS + "print(json.dumps(opened(sys.argv[1])))", path)
        assert listener.hits == 0
    program(ALL_DRIVERS + "print(json.dumps(opened(sys.argv[1])))", path)
    assert listener.hits > 0


# --- time, memory, disk


@pytest.mark.parametrize(
    ("act", "limits", "reason"),
    [
        ("while True: pass", Limits(seconds=1), "timeout"),
        ("while True: pass", Limits(cpu_seconds=1), "timeout"),
        ("import time; time.sleep(60)", Limits(seconds=1), "timeout"),
        ("held = bytearray(3 * 2**30)", Limits(), "memory"),
        ("(Path(sys.argv[1]) / 'big').write_bytes(bytes(2**20))", Limits(file_bytes=2**16, archive=ArchiveLimits(total_bytes=2**16)), "output_too_large"),
    ],
    ids=["clock", "processor", "sleep", "memory", "disk"],
)  # fmt: skip
def test_clock_and_limits_alone_end_what_has_no_end(act, limits, reason, tmp_path, monkeypatch):
    """A reader that was taken over and does as it likes."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    taken_over = tmp_path / "taken_over.py"
    taken_over.write_text(START + f"def read(*_):\n    {act}\nchild.read = read\nchild.main(Path(sys.argv[1]))\n")
    monkeypatch.setattr(sandbox, "CHILD", taken_over)
    path = tmp_path / "upload"
    path.write_bytes(shapes.geojson())
    with pytest.raises(Refused) as refused:
        readers.read(path, name="plan.geojson", limits=limits)
    assert refused.value.issues[0].params["reason"] == reason
    assert list(scratch.iterdir()) == []


# --- the hand-over


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("layer.wkb = [b'\\x01' + b'\\x07\\0\\0\\0\\1\\0\\0\\0' * 9999]", "crashed"),
        ("layer.columns = [['x' * 20_000]]", "crashed"),
        ("layer.columns = [[{'a': 1}]]", "crashed"),
        ("layer.fields, layer.columns = [str(n) for n in range(999)], [['x']] * 999", "too_many_fields"),
        ("layer.wkb, layer.columns = [None] * 800_000, [[None] * 800_000]", "too_many_rows"),
        ("layer.raw_bounds = (0, 0, 1, '<script>')", "crashed"),
        ("layer.samples = {'UTF-8': ['x'] * 1000}", "crashed"),
        ("layer.notes = [{'reason': 'run this'}]", "crashed"),
    ],
)
def test_the_hand_over_alone_turns_away_what_a_taken_over_reader_answers(change, reason, tmp_path, monkeypatch):
    """No jail and no limit inside: only what comes out is looked at."""
    taken_over = tmp_path / "taken_over.py"
    taken_over.write_text(
        START + "from portal.geo.source import SourceLayer\n"
        "layer = SourceLayer('A', ['F'], [['x']], [None], '', 'utf-8', [])\n"
        f"{change}\nhandover.write_layers(Path(sys.argv[1]), [layer], [])\n"
    )
    monkeypatch.setattr(sandbox, "CHILD", taken_over)
    path = tmp_path / "upload"
    path.write_bytes(shapes.geojson())
    with pytest.raises(Refused) as refused:
        readers.read(path, name="plan.geojson")
    assert refused.value.issues[0].params["reason"] == reason
