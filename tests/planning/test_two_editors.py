"""Two people at one plan: the later one is told who was quicker, sees both, decides; nothing is lost."""

import threading

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection

from planning import imports
from planning.models import PlanVersion
from portal.errors import Conflict, NotAllowed
from portal.jobs import Cancelled
from portal.models import AuditEntry, Upload, User
from tests import world
from tests.planning.test_pages_upload import NEW, good_file, hand_in, judged, plan_file
from tests.world import make_cast, make_village


def other_plan(code: str = "0201", name: str = "other.geojson"):
    rows = world.plan_rows()
    rows[0] = code
    return plan_file(rows, name=name)


@pytest.fixture
def first(village, as_user, run_jobs) -> PlanVersion:
    """Version 1, handed in by the planner."""
    return PlanVersion.objects.get(pk=judged(as_user("planner"), good_file(), run_jobs).result["version"])


def opened(client) -> str:
    """What the form remembers when it is opened."""
    return client.get(NEW).context["form"]["based_on"].value()


def test_the_later_one_is_told_and_sees_both_and_nothing_is_lost(first, as_user, run_jobs, cast):
    planner, committee = as_user("planner"), as_user("committee")
    seen_by_planner, seen_by_committee = opened(planner), opened(committee)
    assert seen_by_planner == seen_by_committee == f"{world.LIUGOU}:1"

    second = judged(planner, other_plan("0201", "a.geojson"), run_jobs, based_on=seen_by_planner)
    assert PlanVersion.objects.get(pk=second.result["version"]).based_on == first

    held = judged(committee, other_plan("0301", "b.geojson"), run_jobs, based_on=seen_by_committee)
    assert (held.state, held.result["version"]) == ("refused", None)
    assert PlanVersion.objects.count() == 2
    committee.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = committee.get(f"/uploads/{held.pk}/").content.decode()
    assert "周工" in page
    assert f'href="/versions/{second.result["version"]}/compare/"' in page
    assert "become Arbor forest" in page  # what the own file makes of zone 1, against the version that came between
    assert AuditEntry.objects.filter(verb="upload.held", object_id=held.pk).exists()
    assert held.file.size  # the file is kept
    assert PlanVersion.objects.get(pk=second.result["version"]).state == "draft"  # and so is the version


def test_storing_it_all_the_same_makes_the_next_version_and_says_what_it_was_drawn_from(first, as_user, run_jobs):
    planner, committee = as_user("planner"), as_user("committee")
    seen = opened(committee)
    judged(planner, other_plan(), run_jobs, based_on=opened(planner))
    held = judged(committee, other_plan("0301", "b.geojson"), run_jobs, based_on=seen)
    committee.post(f"/uploads/{held.pk}/again/", {"store_after": "2"})
    run_jobs()
    held.refresh_from_db()
    version = PlanVersion.objects.get(pk=held.result["version"])
    assert (version.number, version.based_on) == (3, first)


def test_a_third_version_in_between_asks_once_more(first, as_user, run_jobs):
    planner, committee = as_user("planner"), as_user("committee")
    held = None
    seen = opened(committee)
    judged(planner, other_plan(), run_jobs, based_on=opened(planner))
    held = judged(committee, other_plan("0301", "b.geojson"), run_jobs, based_on=seen)
    judged(planner, other_plan("0404", "c.geojson"), run_jobs, based_on=opened(planner))
    committee.post(f"/uploads/{held.pk}/again/", {"store_after": "2"})
    run_jobs()
    held.refresh_from_db()
    assert held.result["overtaken"]["number"] == 3
    assert PlanVersion.objects.count() == 3


def test_discarding_stores_nothing_keeps_the_file_and_can_be_taken_back(first, as_user, run_jobs):
    planner, committee = as_user("planner"), as_user("committee")
    seen = opened(committee)
    judged(planner, other_plan(), run_jobs, based_on=opened(planner))
    held = judged(committee, other_plan("0301", "b.geojson"), run_jobs, based_on=seen)
    assert committee.post(f"/uploads/{held.pk}/discard/").status_code == 302
    assert PlanVersion.objects.count() == 2
    held.refresh_from_db()
    assert held.result["overtaken"]["discarded"] is True
    assert committee.get(f"/uploads/{held.pk}/").context["overtaken"]["discarded"]
    committee.post(f"/uploads/{held.pk}/again/", {"store_after": "2"})
    run_jobs()
    assert PlanVersion.objects.count() == 3


def test_only_authors_may_discard_and_only_what_was_overtaken(first, as_user, run_jobs, cast):
    planner, committee = as_user("planner"), as_user("committee")
    seen = opened(committee)
    stored = judged(planner, other_plan(), run_jobs, based_on=opened(planner))
    held = judged(committee, other_plan("0301", "b.geojson"), run_jobs, based_on=seen)
    assert as_user("township").post(f"/uploads/{held.pk}/discard/").status_code == 403
    assert as_user("other_committee").post(f"/uploads/{held.pk}/discard/").status_code == 404
    with pytest.raises(NotAllowed):
        imports.discard(held, by=cast.township)
    with pytest.raises(Conflict):
        imports.discard(stored, by=cast.planner)


def test_without_a_word_about_what_was_seen_nothing_is_asked(first, as_user, run_jobs):
    upload = judged(as_user("committee"), other_plan(), run_jobs)
    version = PlanVersion.objects.get(pk=upload.result["version"])
    assert (version.number, version.based_on) == (2, None)


def test_the_first_version_of_a_village_can_be_overtaken_too(village, as_user, run_jobs):
    planner, committee = as_user("planner"), as_user("committee")
    seen = opened(committee)
    assert seen == ":0"
    judged(planner, good_file(), run_jobs, based_on=opened(planner))
    held = judged(committee, other_plan(), run_jobs, based_on=seen)
    assert held.result["overtaken"]["number"] == 1


def test_the_same_file_handed_in_again_leads_to_the_open_question(first, as_user, run_jobs):
    planner, committee = as_user("planner"), as_user("committee")
    seen = opened(committee)
    judged(planner, other_plan(), run_jobs, based_on=opened(planner))
    held = judged(committee, other_plan("0301", "b.geojson"), run_jobs, based_on=seen)
    answer = hand_in(committee, other_plan("0301", "b.geojson"))
    assert answer.status_code == 400
    assert f"/uploads/{held.pk}/" in answer.content.decode()


def test_the_api_holds_a_file_says_who_was_quicker_and_stores_it_on_request(first, as_user, run_jobs):
    client, planner = as_user("committee"), as_user("planner")
    judged(planner, other_plan(), run_jobs, based_on=opened(planner))
    body = {"village": world.LIUGOU, "file": other_plan("0301", "b.geojson"), "based_on": 1}
    made = client.post("/api/v1/uploads/", body).json()
    run_jobs()
    said = client.get(f"/api/v1/uploads/{made['id']}/").json()
    assert said["version"] is None
    assert said["overtaken"]["number"] == 2
    assert said["overtaken"]["by"] == "周工"
    assert said["overtaken"]["total"] == 1
    discarded = client.post(f"/api/v1/uploads/{made['id']}/discard/", {}, "application/json")
    assert discarded.json()["overtaken"]["discarded"] is True
    client.post(f"/api/v1/uploads/{made['id']}/again/", {"after": 2}, "application/json")
    run_jobs()
    assert client.get(f"/api/v1/uploads/{made['id']}/").json()["version"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_files_drawn_from_the_same_version_at_once_exactly_one_is_stored():
    people, village = make_cast(), make_village()
    uploads = []
    for user, code in ((people.planner, "0201"), (people.committee, "0301")):
        file = ContentFile(other_plan(code).read(), name="x.geojson")
        options = {"based_on": 0}
        uploads.append(imports.receive(file, name="x.geojson", village=village, by=user, options=options))
    barrier, results = threading.Barrier(2), []

    def work(pk: str) -> None:
        try:
            upload = Upload.objects.get(pk=pk)
            barrier.wait(10)
            results.append(imports.import_upload(upload))
        except Cancelled as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(upload.pk,)) for upload in uploads]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert sorted(outcome.accepted for outcome in results) == [False, True]
    assert PlanVersion.objects.count() == 1
    assert sum("overtaken" in upload.result for upload in Upload.objects.all()) == 1
    assert User.objects.count() >= 2
