"""A file that was handed in before: the API and the command say what became of it, and judge it again only when asked."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from planning.models import PlanVersion
from portal.models import Job, Upload
from tests import world
from tests.planning.test_api_uploads import geojson, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> bytes:
    return geojson(world.plan_rows())


def test_a_repeated_post_makes_no_second_version_and_names_the_first(village, as_user, run_jobs, plan):
    client = as_user("planner")
    first = send(client, plan).json()["id"]
    waiting = send(client, plan)
    assert (waiting.status_code, waiting.json()["error"]["data"]["state"]) == (409, "waiting")
    run_jobs()
    repeated = send(client, plan, name="renamed.geojson")
    version = PlanVersion.objects.get()
    assert repeated.status_code == 409
    assert repeated.json()["error"]["code"] == "known"
    told = {"upload": first, "state": "accepted", "version": version.pk, "page": f"/uploads/{first}/"}
    assert repeated.json()["error"]["data"] == told
    assert (Upload.objects.count(), Job.objects.filter(kind="planning.import_upload").count()) == (1, 1)


def test_a_repeated_post_is_taken_when_it_is_wanted(village, as_user, run_jobs, plan):
    client = as_user("planner")
    send(client, plan)
    run_jobs()
    assert send(client, plan, again="true").status_code == 202
    assert Upload.objects.count() == 2


def test_a_refused_file_is_answered_with_its_verdict_until_it_is_read_otherwise(village, as_user, run_jobs):
    client, bad = as_user("planner"), geojson(world.plan_rows(), bad=True)
    first = send(client, bad).json()["id"]
    run_jobs()
    known = send(client, bad).json()["error"]
    assert (known["data"]["upload"], known["data"]["state"]) == (first, "refused")
    assert send(client, bad, crs="EPSG:4490").status_code == 202


def test_the_same_file_for_another_village_is_another_matter(village, as_user, run_jobs, plan, cast):
    world.make_village(world.OTHER, col=20)
    assert send(as_user("planner"), plan).status_code == 202
    assert send(as_user("other_committee"), plan, village=world.OTHER).status_code == 202


def command(path: Path, *more: str, capsys) -> tuple[int, dict]:
    """Exit code and answer of import_plan."""
    code = 0
    try:
        call_command("import_plan", str(path), "--village", world.LIUGOU, "--json", *more)
    except SystemExit as end:
        code = end.code
    return code, json.loads(capsys.readouterr().out)


def test_the_command_says_that_a_file_is_known_and_obeys_again(village, as_user, run_jobs, plan, tmp_path, capsys):
    first = send(as_user("planner"), plan).json()["id"]
    run_jobs()
    path = tmp_path / "plan.geojson"
    path.write_bytes(plan)
    capsys.readouterr()
    code, told = command(path, capsys=capsys)
    assert (code, told["accepted"], told["known"]["upload"]) == (3, False, first)
    assert PlanVersion.objects.count() == 1
    code, told = command(path, "--again", capsys=capsys)
    assert "known" not in told
