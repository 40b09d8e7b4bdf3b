"""The quality report: score, states of rules, page, workbook, PDF, API, command, trend, and files that are only checked."""

import io
import json
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from planning import profiles
from planning.models import MappingProfile, PlanVersion
from planning.quality import report as stored_report
from planning.quality.registry import Result, catalogue
from planning.reports import content, files, pdf, trend
from portal import pdf_fonts
from portal.geo.issues import Issue
from portal.models import Upload, UploadIssue
from tests import world
from tests.planning.test_pages_upload import good_file, judged, overlapping_file, plan_file

FORMULA = '=HYPERLINK("http://x","y")'
NEW = "/uploads/new/"


@pytest.fixture
def accepted(village, as_user, run_jobs) -> Upload:
    return judged(as_user("planner"), good_file(), run_jobs)


@pytest.fixture
def refused(village, as_user, run_jobs) -> Upload:
    return judged(as_user("planner"), overlapping_file(), run_jobs)


def english(client: Client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def cells(answer: Any) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


# --- score and states


def failed(code: str, *levels: str) -> Result:
    return Result(code, catalogue()[code]["level"], "failed", [Issue(code, level) for level in levels], len(levels))


def test_the_score_is_100_less_weights_and_a_third_for_warnings():
    rules = {"G5": 15, "G8": 6, "L3": 12}
    assert {code: catalogue()[code]["weight"] for code in rules} == rules
    results = [failed("G5", "error", "warning"), failed("G8", "warning"), Result("L3", "error", "passed")]
    assert stored_report.score(results, {}) == 100 - 15 - 2
    assert stored_report.score(results, {"G5": 30}) == 100 - 30 - 2
    assert stored_report.score([failed(code, "error") for code in catalogue()], {}) == 0


def test_the_issue_that_stands_for_many_counts_as_many():
    many = [Issue("G5"), Issue("G5"), Issue("G5", params={"reason": "more", "count": 700})]
    told = stored_report.as_json([Result("G5", "error", "failed", many, 3)], profile="x@1")
    assert stored_report.count(told, "error") == 702


def test_the_report_of_a_file_that_cannot_be_read_says_that_the_rest_was_not_checked(village, as_user, run_jobs):
    broken = good_file()
    broken.file.seek(0)
    broken.file.truncate(40)
    broken.size = 40
    upload = judged(as_user("planner"), broken, run_jobs)
    states = {r["code"]: r["state"] for r in upload.result["report"]["rules"]}
    assert "failed" in states.values()
    assert states["G5"] == "not_checked"
    page = as_user("planner").get(f"/uploads/{upload.pk}/report/")
    assert page.context["report"].verdict == "unread"


# --- the page


def test_the_page_names_every_rule_with_state_tolerance_and_source(refused, as_user):
    page = english(as_user("planner")).get(f"/uploads/{refused.pk}/report/")
    text = page.content.decode()
    lines = {line.code: line for line in page.context["report"].lines}
    assert set(lines) == set(catalogue())
    assert lines["G5"].state == "failed"
    assert lines["L1"].why
    assert "0.01 m²" in lines["G5"].tolerance
    assert all(line.source for line in lines.values())
    assert f"/uploads/{refused.pk}/?rule=error-G5#issues" in text
    assert page.context["report"].verdict == "refused"
    assert all(shape["geometry"] for shape in page.context["map_data"]["features"])


def test_errors_come_before_warnings(refused, as_user):
    UploadIssue.objects.create(upload=refused, code="G8", level="warning", layer="a", row=1)
    UploadIssue.objects.create(upload=refused, code="A1", level="error", layer="b", row=2)
    levels = [i.level for i in as_user("planner").get(f"/uploads/{refused.pk}/report/").context["issues"]]
    assert levels == sorted(levels)
    assert set(levels) == {"error", "warning"}


@pytest.mark.parametrize("end", ["report/", "report.xlsx", "report.pdf"])
def test_only_staff_of_the_division_sees_a_report(end, accepted, as_user, monkeypatch):
    version = accepted.result["version"]
    assert as_user("planner").get(f"/uploads/{accepted.pk}/{end}").status_code == 200
    # whoever asks next asks for the same paper: to set its type takes seconds each time, and who may have it is asked before
    monkeypatch.setitem(files.FORMS, "pdf", ("application/pdf", lambda report: b"%PDF-1.7"))
    for address in (f"/uploads/{accepted.pk}/{end}", f"/versions/{version}/{end}"):
        for name in ("planner", "committee", "township", "reviewer", "province"):
            assert as_user(name).get(address).status_code == 200, (name, address)
        for name in ("villager", "stranger", "other_committee"):
            assert as_user(name).get(address).status_code == 404, (name, address)
        assert as_user().get(address).status_code == 302


def test_a_version_from_before_there_were_reports_says_so(version, as_user):
    assert as_user("planner").get(f"/versions/{version.pk}/report/").status_code == 409


def test_page_of_the_file_and_review_page_carry_the_short_form(accepted, as_user):
    version = accepted.result["version"]
    for address, leads in [(f"/uploads/{accepted.pk}/", f"/uploads/{accepted.pk}/report/"), (f"/versions/{version}/review/", f"/versions/{version}/report/")]:  # fmt: skip
        page = as_user("township").get(address)
        assert page.context["report_card"].score == accepted.result["report"]["score"]
        assert leads in page.content.decode()


def test_a_draft_whose_content_is_wrong_is_called_blocked(village, as_user, run_jobs):
    upload = judged(as_user("planner"), plan_file(["070301", *world.plan_rows()[1:]]), run_jobs)
    assert upload.state == "accepted"
    page = as_user("planner").get(f"/uploads/{upload.pk}/report/")
    assert page.context["report"].verdict == "blocked"


# --- trend


def test_the_trend_goes_from_file_to_file(refused, as_user, run_jobs):
    good = judged(as_user("planner"), good_file(), run_jobs)
    points = as_user("planner").get(f"/uploads/{good.pk}/report/").context["trend"]
    assert [p.upload for p in points] == [refused.pk, good.pk]
    assert points[0].score < points[1].score
    assert points[0].errors > points[1].errors == 0
    assert points[1].number == 1
    drawn = trend.drawing(points)
    assert drawn["marks"][0]["y"] > drawn["marks"][1]["y"]


# --- workbook and PDF


def test_the_workbook_has_summary_rules_issues_with_places_and_trend(refused, as_user):
    sheets = cells(english(as_user("planner")).get(f"/uploads/{refused.pk}/report.xlsx"))
    assert list(sheets) == ["Summary", "Rules", "Issues", "Trend"]
    assert refused.result["report"]["score"] in [row[1] for row in sheets["Summary"]]
    assert refused.sha256 in [row[1] for row in sheets["Summary"]]
    assert [row[1] for row in sheets["Rules"][1:]] == list(catalogue())
    assert len(sheets["Issues"]) - 1 == refused.issues.count()
    lon, lat = sheets["Issues"][1][7:9]
    assert 116.7 < lon < 116.9
    assert 36 < lat < 36.2
    assert len(sheets["Trend"]) == 2


def test_nothing_in_the_workbook_is_a_formula_or_breaks_it(refused, as_user):
    UploadIssue.objects.create(
        upload=refused, code="S2", level="error", layer=FORMULA, row=3,
        params={"reason": "field_wanted", "wanted": "x\x07\x00y".replace("\x00", ""), "there": "+1"},
    )  # fmt: skip
    Upload.objects.filter(pk=refused.pk).update(name=f"{FORMULA}.gpkg")
    answer = as_user("planner").get(f"/uploads/{refused.pk}/report.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if FORMULA in str(cell.value)]
    assert len(found) >= 3
    assert all(cell.data_type == "s" and cell.value.startswith("'") for cell in found)


def test_the_same_report_gives_the_same_bytes(refused, as_user):
    for form in ("xlsx", "pdf"):
        first, second = (as_user("planner").get(f"/uploads/{refused.pk}/report.{form}").content for _ in range(2))
        assert first == second, form


def test_the_pdf_is_one_and_embeds_its_font_for_both_languages(refused, as_user):
    for client in (as_user("planner"), english(as_user("planner"))):
        answer = client.get(f"/uploads/{refused.pk}/report.pdf")
        assert answer.content.startswith(b"%PDF-")
        assert b"NotoSansCJK" in answer.content
        assert len(answer.content) < 1_000_000


def test_the_pdf_shows_at_most_300_issues_and_survives_strange_text(refused):
    UploadIssue.objects.bulk_create(
        UploadIssue(upload=refused, code="G8", level="warning", layer="图层\t\u200b🏠" * 5, row=n)
        for n in range(1, 500)
    )
    made = pdf.document(content.of_upload(refused))
    assert made.startswith(b"%PDF-")


def test_without_the_font_a_pdf_is_refused_with_what_to_install(refused, as_user, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf_fonts, "FONTS", tmp_path)
    answer = as_user("planner").get(f"/uploads/{refused.pk}/report.pdf", headers={"accept": "application/json"})
    assert answer.status_code == 503
    assert "fonts-noto-cjk" in answer.content.decode()


# --- API and commands


def test_the_api_gives_score_blocking_and_the_report_in_three_forms(refused, as_user):
    client = as_user("planner")
    told = client.get(f"/api/v1/uploads/{refused.pk}/").json()
    assert told["score"] == refused.result["report"]["score"]
    assert told["blocking"] == refused.issues.filter(level="error").count()
    report = client.get(f"/api/v1/uploads/{refused.pk}/report/").json()
    assert (report["verdict"], report["score"]) == ("refused", told["score"])
    assert {r["code"]: r["state"] for r in report["rules"]}["G5"] == "failed"
    assert report["trend"][0]["upload"] == refused.pk
    for form, start in (("xlsx", b"PK"), ("pdf", b"%PDF-")):
        assert client.get(f"/api/v1/uploads/{refused.pk}/report.{form}").content.startswith(start)
        assert as_user("stranger").get(f"/api/v1/uploads/{refused.pk}/report.{form}").status_code == 404


def test_while_a_file_waits_there_is_no_report(village, as_user):
    client = as_user("planner")
    client.post(NEW, {"village": world.LIUGOU, "profile": "ghydyh", "file": good_file()})
    upload = Upload.objects.get()
    assert client.get(f"/api/v1/uploads/{upload.pk}/report/").status_code == 409
    assert client.get(f"/api/v1/uploads/{upload.pk}/").json()["blocking"] is None


@pytest.mark.parametrize("form", ["xlsx", "pdf", "json"])
def test_the_command_writes_a_report_of_an_upload_or_a_version(form, accepted, tmp_path):
    for pk in (accepted.pk, accepted.result["version"]):
        out = tmp_path / f"{pk}.{form}"
        call_command("quality_report", pk, format=form, out=out, stdout=io.StringIO())
        assert out.stat().st_size > 1000
    if form == "json":
        assert json.loads(out.read_text("utf-8"))["score"] == accepted.result["report"]["score"]


def test_the_command_names_an_id_it_does_not_know(db, tmp_path):
    with pytest.raises(CommandError, match="neither"):
        call_command("quality_report", "nothing", out=tmp_path / "x")


# --- only checked


def test_a_file_can_be_only_checked_and_handed_in_afterwards(village, as_user, run_jobs):
    client = as_user("planner")
    upload = judged(client, good_file(), run_jobs, check_only="on")
    assert (upload.state, upload.result["checked_only"], upload.result["version"]) == ("accepted", True, None)
    assert not PlanVersion.objects.exists()
    assert upload.result["report"]["score"] > 0
    for address in (f"/uploads/{upload.pk}/", f"/uploads/{upload.pk}/report/"):
        assert 'name="hand_in"' in client.get(address).content.decode()
    assert 'name="hand_in"' not in as_user("township").get(f"/uploads/{upload.pk}/report/").content.decode()
    answer = client.post(f"/uploads/{upload.pk}/again/", {"hand_in": "1"})
    run_jobs()
    version = PlanVersion.objects.get()
    assert answer.url == f"/uploads/{version.upload_id}/"
    assert version.upload_id != upload.pk
    assert not version.upload.result["checked_only"]


def test_who_checked_a_file_may_hand_the_same_file_in(village, as_user, run_jobs):
    judged(as_user("planner"), good_file(), run_jobs, check_only="on")
    judged(as_user("planner"), good_file(), run_jobs)
    assert PlanVersion.objects.count() == 1


def test_a_refused_file_that_was_only_checked_stores_its_issues(village, as_user, run_jobs):
    upload = judged(as_user("planner"), overlapping_file(), run_jobs, check_only="on")
    assert upload.state == "refused"
    assert upload.issues.filter(code="G5").exists()


def test_the_api_checks_without_handing_in(village, as_user, run_jobs):
    client = as_user("planner")
    body = {"village": world.LIUGOU, "file": good_file(), "check_only": "true"}
    pk = client.post("/api/v1/uploads/", body).json()["id"]
    run_jobs()
    told = client.get(f"/api/v1/uploads/{pk}/").json()
    assert (told["checked_only"], told["version"], told["blocking"]) == (True, None, 0)


def test_the_command_checks_without_handing_in(village, tmp_path):
    path, out = tmp_path / "plan.geojson", io.StringIO()
    path.write_bytes(good_file().read())
    call_command("import_plan", path, village=village.code, check=True, json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert (told["accepted"], told["version"], told["blocking"]) == (True, None, 0)
    assert told["score"] > 90
    assert not PlanVersion.objects.exists()


# --- the demo county


def test_the_demo_county_has_its_own_edition_in_which_conflicts_drawn_on_purpose_only_warn(db):
    from planning import demo

    demo.make_rules()
    demo.make_rules()
    (edition,) = MappingProfile.objects.filter(division_code="370983")
    assert "演示" in edition.source
    assert profiles.for_village("", "370982101204").edition != edition.edition
    used = profiles.for_village("", demo.LIUGOU)
    assert {used.rules["levels"][code] for code in ("L3", "L4", "L5")} == {"warning"}


def test_tolerances_and_reasons_are_words_in_both_languages():
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for entry in catalogue().values():
                text = content.tolerance(entry["code"], entry.get("tolerances", {}))
                assert "{" not in text
                assert not entry.get("tolerances") or any(c.isdigit() for c in text)
    unknown = {name for entry in catalogue().values() for name in entry.get("tolerances", {})} - set(content.TOLERANCES)
    assert not unknown
