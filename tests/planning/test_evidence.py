"""Proofs of a step: commission, first round, assembly with its counted quorum, and their documents."""

import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from planning import assemblies, evidence, workflow
from planning.models import Assembly, Commission, Declaration, Document, Plan, State, VillagerRound
from portal.errors import PortalError
from portal.models import AuditEntry
from tests import world
from tests.rows import shared

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def pdf(name: str = "记录.pdf", content: bytes = PDF) -> ContentFile:
    return ContentFile(content, name=name)


def stored() -> set[Path]:
    return {p for p in (Path(settings.MEDIA_ROOT) / "evidence").glob("*/*") if p.is_file()}


def today() -> str:
    return timezone.localdate().isoformat()


ROUND = {"form": "meeting", "people": "60", "summary": "大家希望路宽一些。"}
VOTE = {
    "form": "representatives", "place": "村委会", "entitled": "30", "present": "24", "in_favour": "20", "against": "3",
    "abstained": "1", "summary": "同意规划。",
}  # fmt: skip


@shared
def in_round(version):
    return world.advance(version, "round1")


@shared
def before_assembly(version):
    return world.advance(version, "assembly")


def record_round(client, version, **changed):
    fields = {**ROUND, "held_on": today(), "minutes": pdf(), **changed}
    return client.post(f"/api/v1/versions/{version.pk}/rounds/", {k: v for k, v in fields.items() if v is not None})


def record_assembly(client, version, **changed):
    fields = {**VOTE, "held_on": today(), "minutes": pdf(), "photo": [pdf("a.png", PNG), pdf("b.png", PNG)], **changed}
    return client.post(f"/api/v1/versions/{version.pk}/assemblies/", {k: v for k, v in fields.items() if v is not None})


def declare(request, user) -> None:
    """No conflict of interest: the request is open to the person from now on."""
    Declaration.objects.create(request=request, by=user, conflict=False)


# --- the first round


def test_the_committee_records_the_first_round_with_several_documents(in_round, as_user, cast):
    answer = record_round(as_user("committee"), in_round, photo=[pdf("a.png", PNG), pdf("b.png", PNG)])
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["form"], told["people"]) == ("meeting", 60)
    assert sorted(d["kind"] for d in told["documents"]) == ["minutes", "photo", "photo"]
    entry = AuditEntry.objects.get(verb="round.recorded")
    assert (entry.actor, entry.after["documents"]) == (cast.committee, 3)


ROUND_REFUSED = {
    "a day that has not come": ({"held_on": "2999-01-01"}, "held_on"),
    "a file that is no document": ({"other": pdf("记录.pdf", b"MZ not a pdf")}, "kind"),
    "an empty file": ({"other": pdf("记录.pdf", b"")}, "empty"),
}


@pytest.mark.parametrize("what", ROUND_REFUSED)
def test_a_round_is_refused_as_a_whole_and_leaves_no_file(what, in_round, as_user):
    changed, code = ROUND_REFUSED[what]
    before = stored()
    answer = record_round(as_user("committee"), in_round, photo=pdf("a.png", PNG), **changed)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert not VillagerRound.objects.exists()
    assert not Document.objects.exists()
    assert stored() == before


def test_no_more_files_than_a_record_may_have(in_round, as_user):
    files = [pdf(f"{n}.png", PNG) for n in range(evidence.MOST_FILES + 1)]
    answer = record_round(as_user("committee"), in_round, minutes=None, photo=files)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "files")
    assert not Document.objects.exists()


def test_a_round_is_recorded_only_while_the_villagers_are_asked(version, as_user):
    answer = record_round(as_user("committee"), version)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")


WHO_RECORDS = {
    "planner": (201, 403), "committee": (201, 201), "township": (201, 201), "reviewer": (403, 403), "leader": (403, 403),
    "province": (403, 403), "other_committee": (404, 404), "villager": (404, 404), "stranger": (404, 404),
    "agriculture": (404, 403), "expert": (404, 404),
}  # fmt: skip


@pytest.mark.parametrize("who", WHO_RECORDS)
def test_who_may_record_what(who, version, as_user, cast):
    """The department was asked by the time of the assembly: it may see the case, and record nothing."""
    in_round = world.advance(version, "round1")
    assert record_round(as_user(who), in_round).status_code == WHO_RECORDS[who][0]
    later = world.advance(in_round, "assembly")
    declare(later.requests.get(), cast.agriculture)
    assert record_assembly(as_user(who), later).status_code == WHO_RECORDS[who][1]


# --- the assembly


def test_an_assembly_is_counted_and_the_law_named(before_assembly, as_user):
    answer = record_assembly(as_user("committee"), before_assembly)
    assert answer.status_code == 201, answer.content
    result = answer.json()["result"]
    assert (result["present"]["needed"], result["present"]["holds"]) == (20, True)
    assert (result["favour"]["needed"], result["favour"]["holds"]) == (13, True)
    assert "村民委员会组织法第26条" in result["law"]
    assert result["lacking"] == []


COUNTS = [
    # form, entitled, present, in favour: enough present, enough in favour
    ("villagers", 100, 51, 26, True, True),
    ("villagers", 100, 50, 26, False, True),
    ("villagers", 101, 51, 25, True, False),
    ("households", 30, 20, 11, True, True),
    ("households", 30, 19, 11, False, True),
    ("households", 31, 20, 11, False, True),
    ("representatives", 30, 20, 10, True, False),
    ("representatives", 1, 1, 1, True, True),
    ("villagers", 7, 0, 0, False, False),
]


@pytest.mark.parametrize(("form", "entitled", "present", "favour", "quorate", "agreed"), COUNTS)
def test_quorum_and_majority_are_counted_in_whole_people(
    form, entitled, present, favour, quorate, agreed, before_assembly
):
    held = world.hold_assembly(
        before_assembly, form=form, entitled=entitled, present=present, in_favour=favour, against=0, abstained=0
    )
    result = assemblies.result(held)
    assert (result["present"]["holds"], result["favour"]["holds"]) == (quorate, agreed)
    assert (result["present"]["part"] >= result["present"]["needed"]) == quorate
    assert (result["favour"]["part"] >= result["favour"]["needed"]) == agreed
    assert (len(result["lacking"]) == 0) == (quorate and agreed)


WRONG_FIGURES = {
    "present": {"present": "31"},
    "in_favour": {"in_favour": "21"},
    "held_on": {"held_on": "2020-01-01"},
}


@pytest.mark.parametrize("code", WRONG_FIGURES)
def test_figures_that_do_not_fit_together_are_refused_in_words(code, before_assembly, as_user):
    answer = record_assembly(as_user("committee"), before_assembly, **WRONG_FIGURES[code])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert not Assembly.objects.exists()


@pytest.mark.parametrize("kind", ["minutes", "photo"])
def test_without_minutes_or_photographs_no_notice_opens(kind, before_assembly, as_user, cast):
    record_assembly(as_user("committee"), before_assembly, **{kind: None})
    with translation.override("en"):
        with pytest.raises(PortalError) as caught:
            workflow.move(before_assembly, "open_notice", by=cast.township)
        assert str(Document.Kind(kind).label) in caught.value.data["missing"][0]
    held = before_assembly.assemblies.get()
    answer = as_user("committee").post(f"/api/v1/assemblies/{held.pk}/documents/", {kind: pdf()})
    assert answer.status_code == 201
    assert workflow.move(before_assembly, "open_notice", by=cast.township).state == State.NOTICE


def test_the_newest_record_of_an_assembly_counts(before_assembly, as_user, cast):
    record_assembly(as_user("committee"), before_assembly, in_favour="10", against="13")
    with pytest.raises(PortalError):
        workflow.move(before_assembly, "open_notice", by=cast.township)
    record_assembly(as_user("committee"), before_assembly)
    assert workflow.move(before_assembly, "open_notice", by=cast.township).state == State.NOTICE
    assert before_assembly.assemblies.count() == 2


def test_what_was_recorded_never_changes(before_assembly, as_user):
    record_assembly(as_user("committee"), before_assembly)
    changes = [
        lambda: Assembly.objects.update(in_favour=1), lambda: Document.objects.update(name="other"),
        lambda: VillagerRound.objects.update(people=1), lambda: Assembly.objects.all()._raw_delete("default"),
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_documents_are_added_only_while_the_assembly_is_on(before_assembly, as_user, cast):
    record_assembly(as_user("committee"), before_assembly)
    held = before_assembly.assemblies.get()
    workflow.move(before_assembly, "open_notice", by=cast.township)
    answer = as_user("committee").post(f"/api/v1/assemblies/{held.pk}/documents/", {"photo": pdf()})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")


# --- documents


def test_a_document_is_read_by_who_may_open_the_case_and_each_reading_is_on_record(in_round, as_user, cast):
    record_round(as_user("committee"), in_round)
    row = Document.objects.get()
    for who in ("villager", "other_committee", "stranger", "agriculture", "expert"):
        assert as_user(who).get(f"/documents/{row.pk}/").status_code == 404
        assert as_user(who).get(f"/api/v1/documents/{row.pk}/").status_code == 404
    assert as_user().get(f"/documents/{row.pk}/").status_code == 302
    answer = as_user("reviewer").get(f"/documents/{row.pk}/")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="minutes-{row.pk}.pdf"'
    assert b"".join(answer.streaming_content) == PDF
    assert AuditEntry.objects.get(verb="document.read").actor == cast.reviewer
    declare(world.ask_agriculture(in_round, done=False), cast.agriculture)
    assert as_user("agriculture").get(f"/documents/{row.pk}/").status_code == 200


def test_the_form_of_a_round_keeps_what_was_typed_and_works_without_scripts(in_round, as_user):
    client, address = as_user("committee"), reverse("round-new", args=[in_round.pk])
    page = client.post(address, {**ROUND, "held_on": "2999-01-01"})
    assert page.status_code == 400
    assert "大家希望路宽一些。" in page.content.decode()
    page = client.post(address, {**ROUND, "held_on": today(), "minutes": pdf(), "photo": [pdf("a.png", PNG)]})
    assert page.headers["Location"] == reverse("case", args=[in_round.pk]) + "#evidence"
    assert in_round.documents.count() == 2


# --- the commission


def commission(client, code=world.LIUGOU, **changed):
    body = {"number": "肥自然资〔2026〕8号", "issued_on": today(), **changed}
    return client.post(f"/api/v1/villages/{code}/commission/", body, content_type="application/json")


WHO_COMMISSIONS = {
    "township": 201, "reviewer": 201, "leader": 201, "province": 403, "committee": 403, "planner": 403, "villager": 403,
    "stranger": 403,
}  # fmt: skip


@pytest.mark.parametrize("who", WHO_COMMISSIONS)
def test_who_commissions_a_plan(who, village, as_user):
    assert commission(as_user(who)).status_code == WHO_COMMISSIONS[who]


def test_a_commissioned_plan_stands_on_the_page_of_the_village_before_any_version(village, as_user):
    due = (timezone.localdate() + datetime.timedelta(days=90)).isoformat()
    assert commission(as_user("township"), due_on=due).status_code == 201
    plan = Plan.objects.get()
    assert not plan.versions.exists()
    page = as_user("committee").get(reverse("village", args=[village.code])).content.decode()
    assert "肥自然资〔2026〕8号" in page
    assert plan.name in page
    version = world.make_version(village)
    assert version.plan == plan


def test_a_plan_is_commissioned_once(village, as_user):
    commission(as_user("township"))
    answer = commission(as_user("leader"), number="另一号")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "commissioned")
    assert Commission.objects.count() == Plan.objects.count() == 1


def test_a_plan_is_not_due_before_it_is_commissioned(village, as_user):
    answer = commission(as_user("township"), due_on="2020-01-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "due_on")


def test_the_form_of_a_commission_is_for_the_offices_above_the_village(village, as_user):
    address = reverse("commission-new", args=[village.code])
    expected = {
        "township": 200, "reviewer": 200, "leader": 200, "committee": 403, "planner": 403, "province": 403,
        "villager": 404, "other_committee": 404, "stranger": 404,
    }  # fmt: skip
    assert {who: as_user(who).get(address).status_code for who in expected} == expected
    fields = {"number": "肥自然资〔2026〕8号", "issued_on": today()}
    assert as_user("township").post(address, fields).headers["Location"] == reverse("village", args=[village.code])
    assert "肥自然资〔2026〕8号" in as_user("leader").get(address).content.decode()
