"""Maps on paper, as people get them: by the page, the API and the command; what they show is measured on the paper itself."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pypdfium2
import pyproj
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from fpdf import FPDF
from PIL import Image

from planning.models import Finding, Sheet
from planning.sheets import making
from portal.models import AuditEntry, Job

TALL_VIEW = [116.8040, 36.1045, 116.8050, 36.1075]


@pytest.fixture
def ask(as_user):
    """ask("planner", version, **order) posts to the API and gives the answer."""

    def post(who, version, **order):
        return as_user(who).post(f"/api/v1/versions/{version.pk}/sheets/", order, content_type="application/json")

    return post


@pytest.fixture
def draw(ask, as_user, run_jobs):
    """The same, drawn: what the API says of the sheet, and the bytes of its file."""

    def make(who, version, **order):
        sheet = ask(who, version, **order).json()["id"]
        run_jobs()
        client = as_user(who)
        told = client.get(f"/api/v1/sheets/{sheet}/").json()
        assert told["ready"], told
        return told, b"".join(client.get(told["file"]).streaming_content)

    return make


@pytest.fixture
def blank(monkeypatch):
    """Sheets are empty pages: for tests of who gets which file, and when."""

    def page(*args) -> bytes:
        paper = FPDF()
        paper.add_page()
        return bytes(paper.output())

    monkeypatch.setattr(making, "draw", page)


def texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range() for page in document]


def picture(pdf: bytes, per_mm: float, box: tuple[float, float, float, float] | None = None) -> np.ndarray:
    """Pixels of the first page, or of a box of it: left, top, right, bottom in mm."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        wide, high = page.get_size()
        left, top, right, bottom = (x * 72 / 25.4 for x in box) if box else (0, 0, wide, high)
        drawn = page.render(scale=per_mm * 25.4 / 72, crop=(left, high - bottom, wide - right, top))
        return np.asarray(drawn.to_pil().convert("RGB")).astype(np.int16)


def is_colour(pixels: np.ndarray, colour: str) -> np.ndarray:
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return np.abs(pixels - wanted).max(axis=-1) < 12


def test_a_planner_orders_a_sheet_on_the_page_and_takes_it_away(as_user, version, run_jobs):
    client = as_user("planner")
    page = client.get(f"/versions/{version.pk}/sheets/").content.decode()
    assert 'name="theme"' in page
    assert 'value="view"' not in page  # without a view there is none to print
    answer = client.post(
        f"/versions/{version.pk}/sheets/",
        {"what": "village", "theme": "plan", "lines": "on", "numbers": "on", "paper": "A4", "scale": "fit", "language": "en", "form": "pdf"},
    )  # fmt: skip
    assert answer.status_code == 302
    waiting = client.get(answer["Location"]).content.decode()
    assert "data-sheet-job" in waiting
    assert [job.state for job in run_jobs()] == [Job.State.DONE]
    ready = client.get(answer["Location"]).content.decode()
    sheet = Sheet.objects.get()
    assert f"/sheets/{sheet.pk}/file/" in ready
    assert client.get(f"/sheets/{sheet.pk}/preview.png")["Content-Type"] == "image/png"
    file = client.get(f"/sheets/{sheet.pk}/file/")
    assert file["Content-Type"] == "application/pdf"
    (words,) = texts(b"".join(file.streaming_content))
    for wanted in (version.plan.name, "Draft, not in force", "Legend", "0102", "49.96 ha", "Permanent basic farmland", "EPSG:4548", "Drawn up by (seal)", "演示数据，非测绘成果"):  # fmt: skip
        assert wanted in words, wanted
    assert AuditEntry.objects.get(verb="sheet.ordered").object_id == sheet.pk


def test_the_scale_is_true_on_paper(draw, version):
    """Two borders of zones, 222 m apart, are measured in pixels of a twentieth of a millimetre."""
    told, pdf = draw(
        "planner", version, what="view", bbox=TALL_VIEW, paper="A3", upright=True, scale=2000, numbers=False
    )
    assert told["crs"] == "EPSG:4548"
    (page,) = told["pages"]
    to_plane = pyproj.Transformer.from_crs(4490, 4548, always_xy=True)  # EPSG:4548: northing first, hence always_xy
    (east, low), (_, high) = to_plane.transform(116.8045, 36.105), to_plane.transform(116.8045, 36.107)
    west = page["extent"][0]
    x, y, _wide, tall = page["frame"]
    column = x + (east - west) * 1000 / 2000
    strip = picture(pdf, 20, (column, 0, column + 1, 420))
    forest = np.flatnonzero(is_colour(strip[:, 0], "#69b067"))
    on_paper = (forest.max() - forest.min() + 1) / 20 + 0.13  # a border line hides half of its width at each end
    assert on_paper == pytest.approx((high - low) * 1000 / 2000, rel=1e-3)
    ground = pyproj.Geod(ellps="GRS80").inv(116.8045, 36.105, 116.8045, 36.107)[2]
    assert on_paper == pytest.approx(ground / 2, rel=1e-3)
    # and each border is where the record of the sheet says
    top = y + tall - (high - page["extent"][1]) * 1000 / 2000
    assert forest.min() / 20 == pytest.approx(top, abs=0.15)
    assert page["extent"][2] - west == pytest.approx(page["frame"][2] * 2)
    # as are the corner marks: black, white, black, white, black
    for x, y in page["marks"]:
        across = picture(pdf, 20, (x - 5, y, x + 5, y + 1))[0].mean(axis=1) < 128
        runs = np.diff(np.flatnonzero(np.diff(np.r_[0, across.astype(int), 0]))) / 20
        assert runs == pytest.approx([8 / 7, 8 / 7, 24 / 7, 8 / 7, 8 / 7], abs=0.2)


def test_a_village_too_large_for_one_page_gets_an_index_and_several(draw, version):
    told, pdf = draw("planner", version, paper="A3", scale=2000, findings=True)
    assert [page["is_index"] for page in told["pages"]] == [True] + [False] * (len(told["pages"]) - 1)
    assert {page["scale"] for page in told["pages"][1:]} == {2000}
    words = texts(pdf)
    assert len(words) == len(told["pages"]) > 2
    assert f"共 {len(words)} 页" in words[0] or f"of {len(words)}" in words[0]
    wests = sorted({page["extent"][0] for page in told["pages"][1:]})
    assert wests[1] - wests[0] == pytest.approx(told["pages"][1]["extent"][2] - told["pages"][1]["extent"][0])


def test_pictures_know_their_resolution(draw, version):
    told, pictures = draw("planner", version, form="png", scale=5000, findings=True)
    assert told["name"].endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(pictures)) as archive:
        assert archive.namelist() == [f"{page['number']:02}.png" for page in told["pages"]]
        with Image.open(archive.open("01.png")) as image:
            assert image.size == pytest.approx((297 / 25.4 * 150, 210 / 25.4 * 150), abs=1.5)
            assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)


def test_conflicts_are_hatched_but_nobody_s_household_is(draw, version):
    shapes = [version.zones.get(number=number).geom for number in (9, 2)]
    for number, (code, shape) in enumerate(zip(("K1", "K9"), shapes, strict=True), 1):
        Finding.objects.create(
            version=version, number=number, code=code, severity="warn", category="real", area_m2=1, geom=shape
        )
    told, pdf = draw("planner", version, findings=True, language="en")
    assert "Conflict (red hatching)" in texts(pdf)[0]
    _x, y, _wide, tall = told["pages"][0]["frame"]
    rows = np.flatnonzero(is_colour(picture(pdf, 4), "#c1121f")[round(y * 4) :].any(axis=1))
    assert rows.max() < tall * 4 / 2  # zone 9 lies in the north, zone 2 in the south


def test_one_zone_and_the_land_use_of_the_base_year(draw, version):
    told, pdf = draw("planner", version, what="zone", zone=8, theme="base", language="en")
    assert "Existing land use, 2020" in texts(pdf)[0]
    assert "Draft" not in texts(pdf)[0].split("Version")[0]  # facts are no draft
    assert "zone_8" in told["name"]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"scale": 500}, "24"),
        ({"form": "png", "dpi": 300, "paper": "A3", "scale": 1000}, "PDF"),
        ({"what": "zone", "zone": 99}, "99"),
        ({"what": "view", "bbox": [100.0, 30.0, 100.1, 30.1]}, "柳沟村"),
    ],
)
def test_what_cannot_be_printed_is_refused_in_words(ask, version, order, words):
    answer = ask("planner", version, **order)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "not_printable"
    assert words in answer.json()["error"]["message"]
    assert not Sheet.objects.exists()


@pytest.mark.parametrize(
    "order", [{"what": "view"}, {"what": "zone"}, {"bbox": [2, 1, 1, 2]}, {"paper": "A0"}, {"x": 1}]
)
def test_a_wrong_order_names_the_field(ask, version, order):
    answer = ask("planner", version, **order)
    assert answer.status_code == 400
    assert answer.json()["error"]["data"]["fields"]


def test_a_draft_is_printed_for_its_people_only(ask, as_user, blank, draw, version):
    told, _ = draw("planner", version)
    for who in (None, "stranger", "other_committee"):
        assert ask(who, version).status_code == 404
        for path in ("", "file/"):
            assert as_user(who).get(f"/api/v1/sheets/{told['id']}/{path}").status_code == 404
        for path in ("", "file/", "preview.png", "1/"):
            assert as_user(who).get(f"/sheets/{told['id']}/{path}").status_code == 404
        assert as_user(who).get(f"/versions/{version.pk}/sheets/").status_code == 404


def test_base_data_is_printed_for_staff_only(ask, as_user, blank, draw, public_version, settings):
    settings.DEMO = False
    for order in ({"lines": True}, {"theme": "base"}):
        answer = ask("villager", public_version, **order)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    page = as_user("villager").get(f"/versions/{public_version.pk}/sheets/").content.decode()
    assert 'name="theme"' not in page
    assert 'name="lines"' not in page
    told, _ = draw("committee", public_version, lines=True)
    for path in (f"/sheets/{told['id']}/", f"/sheets/{told['id']}/file/", f"/api/v1/sheets/{told['id']}/file/"):
        assert as_user("villager").get(path).status_code == 404
    # the code on the paper leads everybody to the version, which shows nothing of it
    assert as_user("villager").get(f"/sheets/{told['id']}/1/")["Location"] == f"/versions/{public_version.pk}/"


def test_everybody_prints_a_public_version_and_it_is_drawn_once(ask, blank, draw, as_user, public_version, settings):
    settings.DEMO = False
    told, _ = draw(None, public_version)
    again = ask("villager", public_version)
    assert again.status_code == 202
    assert again.json()["id"] == told["id"]
    assert again.json()["ready"]
    assert Job.objects.filter(kind="planning.draw_sheets").count() == 1
    assert ask("villager", public_version, numbers=False).json()["id"] != told["id"]


def test_nobody_fills_the_queue(ask, version):
    for paper, upright in (("A4", False), ("A4", True), ("A3", False)):
        assert ask("planner", version, paper=paper, upright=upright).status_code == 202
    refused = ask("planner", version, paper="A3", upright=True)
    assert refused.status_code == 429
    assert ask("planner", version, paper="A4").status_code == 202  # one that waits already


def test_whoever_ordered_a_sheet_can_stop_it(ask, as_user, version, run_jobs):
    sheet = ask("planner", version).json()["id"]
    assert (
        as_user("committee").post(f"/api/v1/sheets/{sheet}/cancel/", content_type="application/json").status_code == 404
    )
    told = as_user("planner").post(f"/api/v1/sheets/{sheet}/cancel/", content_type="application/json").json()
    assert (told["state"], told["final"], told["ready"]) == ("cancelled", True, False)
    assert run_jobs() == []
    assert "data-sheet-job" not in as_user("planner").get(f"/sheets/{sheet}/").content.decode()


def test_the_code_on_paper_outlives_the_file(blank, draw, as_user, version):
    told, _ = draw("planner", version)
    Sheet.objects.update(created_at=timezone.now() - timedelta(days=31))
    path = Path(Sheet.objects.get().file.path)
    assert path.exists()
    assert making.prune() == 1
    assert not path.exists()
    client = as_user("planner")
    assert client.get(f"/sheets/{told['id']}/file/").status_code == 404
    assert client.get(f"/sheets/{told['id']}/").status_code == 200
    assert client.get(f"/sheets/{told['id']}/1/").status_code == 302
    assert client.get(f"/sheets/{told['id']}/2/").status_code == 404  # it had one page
    assert making.prune() == 0


def test_the_command_writes_the_same_sheets(version, tmp_path, capsys):
    call_command(
        "print_sheets", version.pk, "--scale", "5000", "--paper", "A4", "--out", str(tmp_path), "--language", "en"
    )
    (file,) = tmp_path.iterdir()
    assert texts(file.read_bytes())
    assert "1:5000" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("print_sheets", "nosuchversion", "--out", str(tmp_path))
    with pytest.raises(CommandError, match="24"):
        call_command("print_sheets", version.pk, "--scale", "500", "--paper", "A4", "--out", str(tmp_path))
