"""Household codes: made for the households of a village by its committee, printed once, kept as a digest alone."""

import datetime
import itertools

import pypdfium2
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.models import AuditEntry
from tests import world
from tests.rows import shared
from villages import household_codes
from villages.models import Household, HouseholdCode, Village

pytestmark = pytest.mark.django_db
PAGE = f"/villages/{world.LIUGOU}/household-codes/"
API = f"/api/v1{PAGE}"


@shared
def households(village) -> list[Household]:
    return [
        Household.objects.create(village=village, number=f"{n:03d}", head_name=f"柳户主{n}", persons=4)
        for n in range(1, 11)
    ]


def make(client, **body):
    return client.post(API, body, "application/json")


def test_a_code_has_eleven_plain_characters_and_forty_eight_bits():
    codes = {household_codes.new_code() for _n in range(200)}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {11}
    assert not set("".join(codes)) & set("0O1ILSZ")
    assert len(household_codes.ALPHABET) ** household_codes.DRAWN > 2**48


def test_the_check_character_finds_wrong_characters_and_those_that_changed_places():
    code = household_codes.new_code()
    assert household_codes.read(code) == code
    for place in range(11):
        for sign in household_codes.ALPHABET:
            wrong = code[:place] + sign + code[place + 1 :]
            assert (household_codes.read(wrong) == code) == (wrong == code)
            assert household_codes.read(wrong) in ("", code)
    for first, second in itertools.combinations(range(10), 2):
        signs = list(code)
        signs[first], signs[second] = signs[second], signs[first]
        swapped = "".join(signs)
        assert household_codes.read(swapped) in ("", code)


@pytest.mark.parametrize("typed", ["k7mp-3wqh-{}", " K7MP 3WQH {} ", "k7mp－3wqh－{}", "K7MP.3WQH.{}"])
def test_a_code_is_read_as_people_type_it(typed):
    drawn = "K7MP3WQHD9"
    code = drawn + household_codes.check_character(drawn)
    assert household_codes.read(typed.format(code[8:])) == code
    assert household_codes.grouped(code) == f"K7MP-3WQH-{code[8:]}"


def test_what_was_read_as_s_or_z_is_five_or_two():
    drawn = "5252525252"
    code = drawn + household_codes.check_character(drawn)
    assert household_codes.read("szszszszsz" + code[-1]) == code


@pytest.mark.parametrize("who", ["committee", "township"])
def test_codes_are_in_the_answer_and_nowhere_else(households, as_user, who):
    answer = make(as_user(who))
    assert answer.status_code == 201
    assert "no-store" in answer.headers["Cache-Control"]
    codes = answer.json()["codes"]
    assert [code["number"] for code in codes] == [f"{n:03d}" for n in range(1, 11)]
    rows = str(list(HouseholdCode.objects.values())) + str(list(AuditEntry.objects.values()))
    assert HouseholdCode.objects.count() == 10
    for code in codes:
        assert code["code"] not in rows
        assert code["address"].endswith(f"/join/{code['code']}/")
    made = AuditEntry.objects.get(verb="household_codes.made")
    assert made.after["households"] == 10


def test_the_digest_is_keyed(households, as_user, settings):
    code = make(as_user("committee")).json()["codes"][0]["code"]
    kept = HouseholdCode.objects.get(digest=household_codes.digest_of(code))
    settings.PERSONAL_DATA_KEYS = ["another-key-of-thirty-two-signs!", *settings.PERSONAL_DATA_KEYS]
    assert household_codes.digest_of(code) != kept.digest
    assert kept.digest in household_codes.digests_of(code)


@pytest.mark.parametrize("who", [None, "villager", "planner", "other_committee", "reviewer", "province", "expert"])
def test_nobody_else_learns_that_there_are_codes(households, as_user, who):
    client = as_user(who)
    assert client.get(API).status_code == 404
    assert make(client).status_code == 404
    assert client.post(f"{API}{households[0].pk}/end/", content_type="application/json").status_code == 404
    assert client.get(PAGE).status_code == (302 if who is None else 404)
    assert client.post(PAGE, {"which": "all", "valid_to": "2027-01-01"}).status_code == (302 if who is None else 404)
    assert not HouseholdCode.objects.exists()


def test_a_new_code_ends_the_one_before(households, as_user):
    client = as_user("committee")
    first = make(client).json()["codes"][0]["code"]
    again = make(client, households=[households[0].pk]).json()["codes"]
    assert len(again) == 1
    assert HouseholdCode.objects.filter(household=households[0]).count() == 2
    assert HouseholdCode.objects.get(household=households[0], ended_at=None).digest == household_codes.digest_of(
        again[0]["code"]
    )
    assert HouseholdCode.objects.get(digest=household_codes.digest_of(first)).ended_at


def test_only_those_without_a_code_are_made_again(households, as_user):
    client = as_user("committee")
    make(client, households=[h.pk for h in households[:7]])
    assert [c["number"] for c in make(client, missing=True).json()["codes"]] == ["008", "009", "010"]
    assert make(client, missing=True).status_code == 409
    HouseholdCode.objects.filter(household=households[2]).update(
        valid_to=timezone.localdate() - datetime.timedelta(days=1)
    )
    assert [c["number"] for c in make(client, missing=True).json()["codes"]] == ["003"]


def test_a_household_of_another_village_gets_no_code_here(households, as_user):
    other = world.make_village(world.OTHER, col=20)
    theirs = Household.objects.create(village=other, number="001", head_name="别村人", persons=1)
    assert make(as_user("committee"), households=[theirs.pk]).status_code == 409
    assert as_user("committee").post(f"{API}{theirs.pk}/end/", content_type="application/json").status_code == 404


def test_codes_hold_a_month_longer_than_the_notice_or_half_a_year(households, version, as_user, cast):
    village = Village.objects.get(pk=world.LIUGOU)
    today = timezone.localdate()
    assert household_codes.last_day(village) == today + datetime.timedelta(days=180)
    world.publish(version, cast.township)
    version.refresh_from_db()
    assert household_codes.last_day(village) == version.notice.closes_on + datetime.timedelta(days=30)
    assert make(as_user("committee")).json()["codes"][0]["valid_to"] == household_codes.last_day(village).isoformat()


@pytest.mark.parametrize("days", [-1, 401])
def test_codes_hold_neither_until_yesterday_nor_for_ever(households, as_user, days):
    until = timezone.localdate() + datetime.timedelta(days=days)
    answer = make(as_user("committee"), valid_to=until.isoformat())
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "valid_to")


def test_the_list_names_nobody_and_a_look_at_it_is_on_record(households, as_user, cast):
    client = as_user("committee")
    make(client)
    page, answer = client.get(PAGE).content.decode(), client.get(API)
    for household in households:
        assert household.head_name not in page
        assert household.head_name not in answer.content.decode()
        assert household.number in page
    row = answer.json()["results"][0]
    assert (row["number"], row["holds"], row["accounts"], row["verified"]) == ("001", True, 0, 0)
    assert AuditEntry.objects.filter(verb="households.seen", actor=cast.committee).count() == 2


def test_a_code_is_ended_once(households, as_user):
    client = as_user("committee")
    make(client)
    assert client.post(f"{API}{households[0].pk}/end/", content_type="application/json").status_code == 204
    assert client.post(f"{API}{households[0].pk}/end/", content_type="application/json").status_code == 409
    assert client.post(f"{PAGE}{households[1].pk}/end/").status_code == 302
    assert HouseholdCode.objects.exclude(ended_at=None).count() == 2


def read_back(content: bytes) -> tuple[list[str], list[str]]:
    """What a PDF says page by page, and what its QR codes lead to."""
    zxingcpp = pytest.importorskip("zxingcpp")
    pages = pypdfium2.PdfDocument(content)
    texts = [page.get_textpage().get_text_range() for page in pages]
    pictures = [page.render(scale=2.5, grayscale=True).to_pil() for page in pages]
    return texts, [found.text for picture in pictures for found in zxingcpp.read_barcodes(picture)]


def test_the_slips_carry_code_village_plan_and_address_but_no_name(households, public_version, as_user):
    answer = as_user("committee").post(PAGE, {"which": "missing", "valid_to": household_codes.last_day(public_version.village).isoformat()})  # fmt: skip
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    texts, addresses = read_back(answer.content)
    assert len(texts) == 2  # eight on a page
    said = "".join(texts)
    assert said.count("柳沟村 · 户码") == 10
    assert said.count(public_version.plan.name) == 10
    codes = {address.split("/join/")[1].rstrip("/") for address in addresses}
    assert len(codes) == 10
    for household in households:
        assert f"第 {household.number} 户" in said
        assert household.head_name not in said
    for code in codes:
        assert household_codes.grouped(code) in said
        assert HouseholdCode.objects.filter(digest=household_codes.digest_of(code), ended_at=None).exists()


def test_ticked_households_alone_get_slips(households, as_user):
    until = (timezone.localdate() + datetime.timedelta(days=9)).isoformat()
    chosen = {"which": "chosen", "household": [str(households[3].pk), "x", "²"], "valid_to": until}
    texts, addresses = read_back(as_user("committee").post(PAGE, chosen).content)
    assert len(addresses) == 1
    assert "第 004 户" in texts[0]
    nothing = as_user("committee").post(PAGE, {"which": "chosen", "valid_to": until})
    assert nothing.status_code == 409
    assert "没有可生成户码的农户" in nothing.content.decode() or "no household" in nothing.content.decode()


def test_a_village_without_households_is_told_what_to_hand_in(village, as_user):
    page = as_user("committee").get(PAGE).content.decode()
    assert "/tables/" in page
    assert make(as_user("committee")).json()["error"]["code"] == "no_households"


def test_the_command_writes_a_file_that_only_its_owner_reads(households, cast, tmp_path, capsys):
    out = tmp_path / "slips.pdf"
    call_command("household_codes", world.LIUGOU, "--as", "committee", "--out", str(out))
    assert "10 households" in capsys.readouterr().out
    assert out.stat().st_mode & 0o077 == 0
    assert len(read_back(out.read_bytes())[1]) == 10
    with pytest.raises(CommandError):
        call_command("household_codes", world.LIUGOU, "--as", "committee", "--out", str(out), "--all")
    assert HouseholdCode.objects.count() == 10  # nothing was made that could not be written
    with pytest.raises(CommandError):
        call_command("household_codes", world.LIUGOU, "--as", "planner", "--out", str(tmp_path / "b.pdf"))
    assert not (tmp_path / "b.pdf").exists()


def test_no_more_are_made_at_once_than_one_answer_bears(households, as_user, monkeypatch):
    monkeypatch.setattr(household_codes, "MOST_AT_ONCE", 9)
    answer = make(as_user("committee"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "many")
