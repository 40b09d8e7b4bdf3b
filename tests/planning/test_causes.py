"""What led to a change: said by the authors while the version is young, found from both ends, given away to nobody."""

import pytest

from planning import causes, participation, reviews
from planning.models import Cause, Comment, Opinion, PlanVersion, ReturnItem, Zone
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import AuditEntry
from tests import world
from tests.planning.test_compare_versions import changed_rows
from tests.rows import shared

pytestmark = pytest.mark.django_db


@shared
def comment(public_version, cast) -> Comment:
    """A comment on the zone that the next version will change."""
    return participation.post_comment(public_version, by=cast.villager, text="这里应该种树", zone=1)


@shared
def second(comment, village, cast) -> PlanVersion:
    return world.make_version(village, by=cast.planner, rows=changed_rows())


@shared
def zone(second) -> Zone:
    return second.zones.get(number=1)


def opinion_on(version: PlanVersion, cast, number: int = 1) -> Opinion:
    request = version.requests.first() or world.ask_agriculture(version)
    zone = version.zones.get(number=number)
    return Opinion.objects.create(
        request=request, version=version, author=cast.agriculture, stance="change", zone=zone, text="不得占用耕地"
    )


def item_on(version: PlanVersion, cast) -> ReturnItem:
    return ReturnItem.objects.create(
        version=version, number=1, zone=version.zones.get(number=1), text="请调整一号地块", by=cast.reviewer
    )


def say(client, version: PlanVersion, thing: str, zone: int = 1, **more: str):
    return client.post(f"/versions/{version.pk}/causes/", {"zone": zone, "what": thing, **more})


def test_what_was_said_about_the_zone_is_offered_and_leads_both_ways(second, comment, as_user, public_version, cast):
    client = as_user("planner")
    [row] = client.get(f"/versions/{second.pk}/compare/").context["rows"]
    assert [offer.value for offer in row["offers"]] == [f"comment:{comment.pk}"]
    assert say(client, second, f"comment:{comment.pk}").status_code == 302
    html = client.get(f"/versions/{second.pk}/compare/").content.decode()
    assert f'href="/versions/{public_version.pk}/?comment={comment.pk}#comment-{comment.pk}"' in html
    assert "这里应该种树" in html
    page = client.get(f"/versions/{public_version.pk}/").content.decode()
    assert f'href="/versions/{second.pk}/compare/?zone=1"' in page
    assert AuditEntry.objects.filter(verb="cause.said", object_id=second.pk).count() == 1


def test_a_public_comment_does_not_give_away_the_draft_it_changed(second, zone, comment, as_user, public_version, cast):
    causes.say_cause(second, zone, comment, by=cast.planner)
    for client in (as_user(), as_user("villager"), as_user("stranger")):
        assert second.pk not in client.get(f"/versions/{public_version.pk}/").content.decode()
        said = client.get(f"/api/v1/versions/{public_version.pk}/comments/").json()["results"][0]
        assert (said["effects"], said["follows"]) == ([], None)
    said = as_user("township").get(f"/api/v1/versions/{public_version.pk}/comments/").json()["results"][0]
    assert len(said["effects"]) == 1


def test_once_the_version_is_public_residents_read_what_their_comment_led_to(second, zone, comment, as_user, cast):
    causes.say_cause(second, zone, comment, by=cast.planner)
    world.publish(second, cast.township)
    html = as_user("villager").get(f"/versions/{second.pk}/compare/").content.decode()
    assert "这里应该种树" in html
    said = as_user().get(f"/api/v1/comments/{comment.pk}/").json()
    assert said["effects"][0]["url"] == f"/versions/{second.pk}/compare/?zone=1"


def test_opinions_and_returns_are_named_to_the_public_without_their_words(second, zone, as_user, cast, public_version):
    opinion = opinion_on(public_version, cast)
    for thing in (opinion, item_on(public_version, cast)):
        causes.say_cause(second, zone, thing, by=cast.planner)
    reviews.answer(opinion, by=cast.planner, outcome="adopted")
    world.publish(second, cast.township)
    public = as_user().get(f"/versions/{second.pk}/compare/").content.decode()
    staff = as_user("planner").get(f"/versions/{second.pk}/compare/").content.decode()
    for words in ("不得占用耕地", "请调整一号地块"):
        assert words not in public
        assert words in staff
    reasons = as_user().get(f"/api/v1/versions/{second.pk}/compare/").json()["results"][0]["causes"]
    assert sorted(reason["kind"] for reason in reasons) == ["item", "opinion"]
    assert {reason["words"] for reason in reasons} == {""}


def test_only_the_authors_say_it_and_strangers_find_nothing(second, zone, comment, as_user, cast):
    for by in (cast.township, cast.reviewer):
        with pytest.raises(NotAllowed):
            causes.say_cause(second, zone, comment, by=by)
    assert say(as_user("other_committee"), second, f"comment:{comment.pk}").status_code == 404
    assert say(as_user("villager"), second, f"comment:{comment.pk}").status_code == 404
    assert say(as_user("township"), second, f"comment:{comment.pk}").status_code == 403
    assert as_user("township").get(f"/versions/{second.pk}/causes/?zone=1").status_code == 403
    body = {"zone": 1, "what": f"comment:{comment.pk}"}
    assert (
        as_user("township").post(f"/api/v1/versions/{second.pk}/causes/", body, "application/json").status_code == 403
    )
    assert not Cause.objects.exists()


def test_it_is_said_until_the_joint_review_is_over(second, zone, comment, cast):
    joint = world.advance(second, "joint_review")
    causes.say_cause(joint, zone, comment, by=cast.planner)
    later = world.advance(joint, "assembly")
    with pytest.raises(Conflict):
        causes.take_back(later, zone, comment, by=cast.planner)
    assert Cause.objects.count() == 1


def test_only_something_said_about_an_earlier_version_of_the_plan_is_a_cause(
    second, zone, comment, cast, public_version
):
    foreign = world.publish(world.make_version(world.make_village(world.OTHER, col=20)), cast.township)
    other = participation.post_comment(foreign, by=cast.villager, text="别的村", zone=1)
    with pytest.raises(PortalError):
        causes.say_cause(second, zone, other, by=cast.planner)
    later = Comment.objects.create(version=second, author=cast.villager, text="以后", zone=zone)
    with pytest.raises(PortalError):
        causes.say_cause(second, zone, later, by=cast.planner)
    with pytest.raises(PortalError):
        causes.say_cause(second, public_version.zones.get(number=1), comment, by=cast.planner)
    assert not Cause.objects.exists()


def test_said_twice_it_is_one_cause_and_can_be_taken_back(second, comment, as_user, public_version):
    client = as_user("planner")
    for _time in range(2):
        say(client, second, f"comment:{comment.pk}")
    assert Cause.objects.count() == 1
    say(client, second, f"comment:{comment.pk}", take_back="1")
    assert not Cause.objects.exists()
    assert AuditEntry.objects.filter(verb="cause.taken_back").exists()


def test_a_zone_that_is_gone_can_have_a_cause_too(comment, village, cast, as_user, public_version):
    second = world.make_version(village, by=cast.planner)
    shorter = PlanVersion.objects.create(plan=second.plan, number=3, created_by=cast.planner)
    Zone.objects.bulk_create(
        Zone(version=shorter, number=z.number, code=z.code, geom=z.geom) for z in second.zones.exclude(number=1)
    )
    PlanVersion.objects.filter(pk=shorter.pk).update(digest="short")
    client = as_user("planner")
    say(client, shorter, f"comment:{comment.pk}", of=second.pk)
    [row] = [r for r in client.get(f"/versions/{shorter.pk}/compare/").context["rows"] if r["fate"] == "gone"]
    assert [reason.value for reason in row["causes"]] == [f"comment:{comment.pk}"]
    page = client.get(f"/versions/{public_version.pk}/").content.decode()
    assert f"/versions/{shorter.pk}/compare/?with={second.pk}&amp;gone=1" in page


def test_the_api_says_and_takes_back(second, comment, as_user):
    client = as_user("committee")
    body = {"zone": 1, "what": f"comment:{comment.pk}"}
    made = client.post(f"/api/v1/versions/{second.pk}/causes/", body, "application/json")
    assert (made.status_code, made.json()["reason"]["kind"]) == (201, "comment")
    said = client.get(f"/api/v1/versions/{second.pk}/compare/").json()["results"][0]["causes"]
    assert [reason["id"] for reason in said] == [comment.pk]
    assert client.post(f"/api/v1/versions/{second.pk}/causes/take-back/", body, "application/json").status_code == 204
    for what in ("comment:nothing", "opinion:x", "item:x-1", "item:é", "quatsch", "comment:\x01"):
        answer = client.post(f"/api/v1/versions/{second.pk}/causes/", {"zone": 1, "what": what}, "application/json")
        assert answer.status_code == 400, what
    wrong = client.post(f"/api/v1/versions/{second.pk}/causes/", {"zone": 99, "what": body["what"]}, "application/json")
    assert wrong.status_code == 404


def test_the_form_for_other_causes_lists_what_was_said_and_comes_back(second, comment, as_user, public_version, cast):
    opinion = opinion_on(public_version, cast, number=4)
    client = as_user("planner")
    back = f"/versions/{second.pk}/compare/?page=1"
    html = client.get(f"/versions/{second.pk}/causes/?zone=1&next={back}").content.decode()
    assert f'value="opinion:{opinion.pk}"' in html
    answer = say(client, second, f"opinion:{opinion.pk}", next=back)
    assert (answer.status_code, answer.url) == (302, back)
    away = say(client, second, f"comment:{comment.pk}", next="https://example.org/")
    assert away.url == f"/versions/{second.pk}/compare/"
    assert client.get(f"/versions/{second.pk}/causes/?zone=77").status_code == 404
