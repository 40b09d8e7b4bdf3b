"""Who is turned away is on the record: outside what was rolled back, without secrets, and never so often that it fills it."""

import logging

import pytest

from planning import participation
from portal import access
from portal.models import AuditEntry

pytestmark = pytest.mark.django_db
RIGHT = "right-horse-battery"
ID_NUMBER, PHONE = "11010519491231002X", "13812345678"


def refusals(**about) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(verb="access.refused", **about).order_by("pk"))


def test_a_stranger_who_asks_for_a_draft_is_on_record_with_what_was_asked(version, as_user, cast):
    as_user("stranger").get(f"/api/v1/versions/{version.pk}/")
    as_user("stranger").get(f"/versions/{version.pk}/review/")
    api, page = refusals(actor=cast.stranger)
    assert (api.actor_name, api.object_id, api.after["status"]) == (f"account {cast.stranger.pk}", "api-version", 404)
    assert (page.object_id, page.after["method"]) == ("review", "GET")
    assert version.pk in (api.after["id"], *page.after.values())


def test_who_may_see_but_not_act_is_on_record_although_nothing_else_is(public_version, as_user, cast):
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    as_user("stranger").post(
        f"/api/v1/comments/{comment.pk}/replies/", {"text": "不", "adoption": "explained"}, "application/json"
    )
    assert [entry.after["status"] for entry in refusals(actor=cast.stranger)] == [403]
    assert not AuditEntry.objects.filter(verb="comment.answered").exists()


def test_an_address_that_leads_nowhere_is_no_refusal(client):
    client.get("/nothing/here/")
    client.get("/api/v1/nothing/")
    assert refusals() == []


def test_a_flood_gets_ten_rows_a_minute_and_then_counts(version, client):
    for n in range(105):
        assert client.get(f"/api/v1/versions/{version.pk}/", REMOTE_ADDR="10.0.0.9").status_code == 404, n
    rows = refusals()
    assert len(rows) == access.ROWS + 1
    assert rows[-1].after["times"] == 100
    client.get(f"/api/v1/versions/{version.pk}/", REMOTE_ADDR="10.0.0.10")
    assert len(refusals()) == access.ROWS + 2


def test_a_flood_from_many_addresses_is_limited_too(version, client, monkeypatch):
    monkeypatch.setattr(access, "ALL_ROWS", 20)
    for n in range(60):
        client.get(f"/api/v1/versions/{version.pk}/", REMOTE_ADDR=f"10.0.1.{n}")
    assert len(refusals()) == 20


def test_an_address_is_kept_blurred_and_known_again(version, client):
    for last in (9, 9, 10):
        client.get(f"/api/v1/versions/{version.pk}/", REMOTE_ADDR=f"10.0.0.{last}")
    kept = [entry.after["address"] for entry in refusals()]
    assert kept[0] == kept[1] != kept[2]
    assert all(address.startswith("10.0.0.* ") for address in kept)


def test_without_the_counter_the_refusal_is_a_line_in_the_log_and_the_answer_the_same(
    version, client, monkeypatch, caplog
):
    def broken(*args, **kwargs):
        raise OSError("redis is away")

    monkeypatch.setattr(access.cache, "add", broken)
    assert client.get(f"/api/v1/versions/{version.pk}/").status_code == 404
    assert refusals() == []
    assert "is not on the record" in caplog.text


def test_signing_in_failing_and_signing_out_are_on_record(client, cast):
    client.post("/login/", {"username": "villager", "password": "wrong"})
    client.post("/login/", {"username": "villager", "password": RIGHT})
    client.post("/logout/")
    rows = AuditEntry.objects.filter(object_type="portal.User", object_id=str(cast.villager.pk)).order_by("pk")
    assert [row.verb for row in rows] == ["account.sign_in_failed", "account.signed_in", "account.signed_out"]
    assert "wrong" not in str(list(rows.values()))


def test_a_name_that_nobody_has_is_not_kept_because_it_may_be_a_password(client, cast):
    client.post("/login/", {"username": "my-secret-password", "password": "x"})
    row = AuditEntry.objects.get(verb="account.sign_in_failed")
    assert "my-secret" not in str(AuditEntry.objects.filter(pk=row.pk).values())


def test_numbers_of_people_and_secrets_reach_neither_record_nor_log(cast, caplog):
    from portal.audit import record
    from portal.sealing import UnnumberedLogs

    said = f"身份证{ID_NUMBER}，电话 {PHONE}。"
    entry = record("test.done", cast.villager, by=cast.villager, before={"text": said},
                   after={"password": "canary", "deep": [{"api_token": "canary", "note": said}], "phone": PHONE})  # fmt: skip
    kept = str(AuditEntry.objects.filter(pk=entry.pk).values())
    for canary in (ID_NUMBER, PHONE, "canary", cast.villager.full_name):
        assert canary not in kept
    line = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: /people/%s/%s", (ID_NUMBER, PHONE), None)
    assert UnnumberedLogs().filter(line)
    assert ID_NUMBER not in line.getMessage()
    assert PHONE not in line.getMessage()


@pytest.mark.parametrize("text", ["370983101204", "e3b0c44298fc1c149afbf4c8996fb924", "2026-11-27", "123456789012345678", "12345.67", "110105194912310021234"])  # fmt: skip
def test_other_numbers_stay(text):
    from portal.sealing import without_numbers

    assert without_numbers(text) == text
