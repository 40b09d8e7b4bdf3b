"""The consent to a marked place: given by marking one, taken back at any time, for one's own words only."""

import datetime

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from planning import participation
from planning.models import Comment, Consultation
from portal.models import AuditEntry, Membership, User
from tests.rows import shared

pytestmark = pytest.mark.django_db
LON, LAT = 116.8055, 36.1025
HERE = {"lon": LON, "lat": LAT}


def taken_in(version, by: User, text: str = "导入的意见") -> Comment:
    """A comment of an earlier consultation, as the import writes it."""
    held = Consultation.objects.create(version=version, title="问卷", source="镇政府", file_name="a.csv", by=by)
    return Comment.objects.create(
        version=version, author=by, channel="import", consultation=held, text=text, geom=Point(LON, LAT, srid=4490)
    )


@shared
def of_four(public_version, cast) -> dict[str, Comment]:
    """Comments of all four ways that the committee's account sent, each with a pin."""
    today = timezone.localdate()
    said = {
        channel: participation.enter_comment(
            public_version, by=cast.committee, channel=channel, text=f"代录 {channel}", said_on=today, **HERE
        )
        for channel in ("meeting", "paper")
    }
    own = participation.post_comment(public_version, by=cast.committee, text="自己的意见", **HERE)
    return {"portal": own, "import": taken_in(public_version, cast.committee), **said}


def with_pins(rows: dict[str, Comment]) -> set[str]:
    return {name for name, row in rows.items() if Comment.objects.get(pk=row.pk).geom}


def test_an_officer_takes_back_the_own_place_and_villagers_keep_theirs(of_four, as_user):
    assert with_pins(of_four) == {"portal", "meeting", "paper", "import"}
    assert as_user("committee").post("/me/consents/place/", {"agree": "0"}).status_code == 302
    assert with_pins(of_four) == {"meeting", "paper", "import"}


def test_closing_the_account_of_who_was_an_officer_leaves_the_places_of_villagers(of_four, cast, as_user):
    Membership.objects.filter(user=cast.committee).update(valid_to=timezone.localdate() - datetime.timedelta(days=1))
    assert as_user("committee").post("/me/erase/", {"password": "right-horse-battery"}).status_code == 302
    assert with_pins(of_four) == {"meeting", "paper", "import"}


def test_the_copy_of_an_officers_data_holds_the_own_words_only(of_four, cast, as_user):
    copy = as_user("committee").post("/api/v1/me/copy/").json()
    assert [row["text"] for row in copy["comments"]] == ["自己的意见"]


# --- the consent


def consents(user: User) -> list[tuple[str, bool]]:
    return [(row.purpose, row.withdrawn_at is None) for row in user.consents.all()]


def post(client, version, **more):
    body = {"text": "路太窄", **more}
    return client.post(f"/api/v1/versions/{version.pk}/comments/", body, "application/json")


AREA = {"type": "Polygon", "coordinates": [[
    [LON, LAT], [LON + 0.0005, LAT], [LON + 0.0005, LAT + 0.0005], [LON, LAT + 0.0005], [LON, LAT],
]]}  # fmt: skip


@pytest.mark.parametrize("mark", [HERE, {"shape": AREA}], ids=["place", "area"])
def test_marking_a_place_is_the_consent_to_it_and_the_page_offers_to_take_it_back(public_version, cast, as_user, mark):
    client = as_user("villager")
    assert post(client, public_version, **mark).status_code == 201
    assert consents(cast.villager) == [("place", True)]
    assert AuditEntry.objects.filter(verb="consent.given", actor=cast.villager).count() == 1
    assert post(client, public_version, **mark).status_code == 201  # one row a purpose
    assert client.delete("/api/v1/me/consents/place/").status_code == 200
    assert consents(cast.villager) == [("place", False)]
    assert not Comment.objects.exclude(geom=None, shape=None).exists()
    post(client, public_version, **mark)
    assert consents(cast.villager) == [("place", False), ("place", True)]


def test_words_a_zone_and_what_is_entered_for_others_need_no_consent(public_version, cast, as_user):
    post(as_user("villager"), public_version, zone=8)
    participation.enter_comment(
        public_version, by=cast.committee, channel="paper", text="x", said_on=timezone.localdate(), **HERE
    )
    assert consents(cast.villager) == consents(cast.committee) == []


def test_a_refused_comment_gives_no_consent(public_version, cast, as_user):
    assert post(as_user("villager"), public_version, text="", **HERE).status_code == 400
    assert consents(cast.villager) == []


def test_the_form_says_beside_the_map_that_the_mark_is_public(public_version, as_user):
    page = as_user("villager").get(f"/versions/{public_version.pk}/").content.decode()
    assert page.count("The mark is shown in public with your comment.") + page.count("标记会随意见公开显示") == 2


def test_a_place_from_before_the_consent_was_kept_can_be_taken_back(public_version, cast, as_user):
    here = Point(LON, LAT, srid=4490)
    comment = Comment.objects.create(version=public_version, author=cast.villager, text="路太窄", geom=here)
    client = as_user("villager")
    page = client.get("/me/").content.decode()
    place = page[page.index("/me/consents/place/") :].split("</form>")[0]
    assert 'name="agree" value="0"' in place
    assert client.post("/me/consents/place/", {"agree": "0"}).status_code == 302
    assert Comment.objects.get(pk=comment.pk).geom is None
    assert client.post("/me/consents/place/", {"agree": "0"}).status_code == 409
