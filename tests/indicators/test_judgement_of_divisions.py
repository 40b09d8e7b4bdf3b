"""Who may see and start the computation of a division, through the API and on its page."""

import pytest
from django.urls import reverse

from indicators import runs, sweeps
from indicators.models import Sweep
from planning.models import PlanVersion
from portal.models import Job
from tests import world
from tests.rows import shared
from villages.models import Division

PEOPLE = [None, "stranger", "villager", "planner", "committee", "township", "reviewer", "leader", "province"]
STATUS = {
    # division: (seeing, starting) of each of PEOPLE
    world.COUNTY: [(404, 404)] * 6 + [(200, 202)] * 3,
    world.TOWN: [(404, 404)] * 5 + [(200, 202)] * 4,
    world.LIUGOU: [(404, 404)] * 3 + [(200, 403)] * 2 + [(200, 202)] * 4,
}


@shared
def county(cast) -> list[PlanVersion]:
    rows = world.plan_rows()
    rows[2] = "1001"  # a factory on permanent farmland
    first = world.make_version(world.make_village(), rows=rows, by=cast.planner)
    return [first, world.make_version(world.make_village(world.OTHER, col=20), rows=world.BASE_ROWS, by=cast.planner)]


def api(code: str = world.COUNTY, name: str = "api-division-check") -> str:
    return reverse(name, args=[code])


def page(code: str = world.COUNTY, name: str = "division-judgement") -> str:
    return reverse(name, args=[code])


@pytest.mark.parametrize("code", STATUS)
def test_who_may_see_and_who_may_start(county, as_user, code):
    for person, (seeing, starting) in zip(PEOPLE, STATUS[code], strict=True):
        client = as_user(person)
        assert client.get(api(code)).status_code == seeing, person
        assert client.get(page(code)).status_code == seeing, person
        assert client.post(api(code)).status_code == starting, person
        refused = {404: 404, 403: 403, 202: 302}[starting]
        assert client.post(page(code, "division-judgement-check")).status_code == refused, person
        cancelled = client.post(api(code, "api-division-check-cancel")).status_code
        assert cancelled == (200 if starting == 202 else starting), person


def test_starting_watching_and_having_nothing_to_do(county, as_user, run_jobs):
    client = as_user("reviewer")
    assert client.get(api()).json()["sweep"] is None
    said = client.post(api()).json()["sweep"]
    assert (said["state"], said["total"], said["waiting"], said["percent"]) == ("running", 2, 2, 0)
    assert client.get(reverse("api-job", args=[said["job"]])).json()["final"] is False
    again = client.post(api())
    assert (again.status_code, again.json()["sweep"]["id"]) == (202, said["id"])
    run_jobs()
    done = client.get(api()).json()["sweep"]
    assert (done["state"], done["done"], done["failed"], done["percent"]) == ("done", 2, 0, 100)
    nothing = client.post(api())
    assert nothing.status_code == 200
    assert nothing.json()["nothing_due"] is True
    assert Sweep.objects.count() == Job.objects.count() == 1


def test_a_failure_is_told_and_tried_again_while_it_runs(county, as_user, monkeypatch):
    client = as_user("reviewer")
    client.post(api())
    sweep = Sweep.objects.get()
    with monkeypatch.context() as patch:
        patch.setattr(runs, "judge", lambda *given, **how: 1 / 0)
        sweeps.work(sweep, seconds=0)
    (failure,) = client.get(api()).json()["sweep"]["failures"]
    assert failure["code"] == world.LIUGOU
    assert failure["error"]
    text = client.get(page()).content.decode()
    assert failure["error"] in text.replace("&#x27;", "'")
    assert client.post(api(), {"retry": True}, content_type="application/json").json()["sweep"]["failed"] == 0


def test_what_the_body_may_not_hold_is_refused(county, as_user):
    answer = as_user("reviewer").post(api(), {"all": 1}, content_type="application/json")
    assert answer.status_code == 400
    assert not Sweep.objects.exists()


def test_cancelling_what_does_not_run_is_a_conflict(county, as_user):
    client = as_user("reviewer")
    assert client.post(api(name="api-division-check-cancel")).status_code == 409
    client.post(api())
    assert client.post(api(name="api-division-check-cancel")).json()["sweep"]["state"] == "cancelled"


def test_the_page_lists_conflicts_ages_and_figures(county, as_user, run_jobs):
    client = as_user("reviewer")
    client.post(page(name="division-judgement-check"))
    run_jobs()
    county[1].plan.village.facts.filter(code="population").update(value=5)
    shown = client.get(page())
    by_village = {line.village.code: line for line in shown.context["lines"]}
    assert by_village[world.LIUGOU].version.real > 0
    assert by_village[world.LIUGOU].version.out_of_date is False
    assert by_village[world.OTHER].version.real == 0
    assert by_village[world.OTHER].version.out_of_date is True
    assert shown.context["rollup"].judged == 2
    assert shown.context["rollup"].rows
    only = client.get(page(), {"only": "conflicts"})
    assert [line.village.code for line in only.context["lines"]] == [world.LIUGOU]


def test_the_bar_belongs_to_who_began_and_others_see_how_far_it_is(county, as_user):
    as_user("reviewer").post(page(name="division-judgement-check"))
    job = Job.objects.get()
    assert reverse("job", args=[job.pk]) in as_user("reviewer").get(page()).content.decode()
    other = as_user("leader").get(page()).content.decode()
    assert reverse("job", args=[job.pk]) not in other
    assert "data-reload" in other
    assert page(name="division-judgement-cancel") in other
    as_user("leader").post(page(name="division-judgement-cancel"))
    assert Sweep.objects.get().state == "cancelled"


def test_a_page_of_villages_asks_as_many_questions_as_one_village(county, as_user, django_assert_max_num_queries):
    client = as_user("reviewer")
    client.get(page())
    with django_assert_max_num_queries(45):
        assert client.get(page()).status_code == 200


def test_the_desk_of_an_official_leads_to_the_page(county, as_user):
    assert page() in as_user("reviewer").get(reverse("desk")).content.decode()
    assert "judgement" not in as_user("planner").get(reverse("desk")).content.decode()


def test_a_division_without_villages_has_a_page_that_says_so(county, as_user):
    Division.objects.create(code="370983999000", name="空镇", level=4, parent_id=world.COUNTY)
    shown = as_user("reviewer").get(page("370983999000"))
    assert shown.status_code == 200
    assert shown.context["lines"] == []
