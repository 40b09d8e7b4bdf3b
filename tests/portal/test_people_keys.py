"""Personal data under another key: everything opens meanwhile, is sealed anew, and the old key can go."""

import pytest
from django.core.management import call_command
from django.db import connection

from portal import people
from portal.errors import Conflict
from portal.models import Consent, Person, SecondFactor, User
from portal.resealing import sealed_fields, sealed_models
from portal.sealing import seal, unseal

pytestmark = [pytest.mark.django_db, pytest.mark.own_rows]  # names are sealed with the old key from the beginning
NUMBER = "11010519491231002X"
OLD, NEW = "old-key-of-forty-characters-and-some-more", "new-key-of-forty-characters-and-some-more"


@pytest.fixture(autouse=True)
def _sealed_with_the_old_key(settings):
    settings.PERSONAL_DATA_KEYS = [OLD]


@pytest.fixture
def known(cast) -> User:
    people.agree(cast.villager, "identity", by=cast.villager, guardian="柳父")
    people.record_identity(cast.villager, by=cast.villager, full_name="柳大爷", phone="13812345678", id_number=NUMBER)
    return cast.villager


def test_a_new_key_opens_what_the_old_one_sealed_and_knows_its_number_again(known, cast, settings):
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    assert Person.objects.get().id_number == NUMBER
    people.agree(cast.stranger, "identity", by=cast.stranger)
    with pytest.raises(Conflict):
        people.record_identity(cast.stranger, by=cast.stranger, id_number=NUMBER)


def test_after_sealing_anew_the_old_key_can_be_dropped(known, cast, settings, capsys):
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    call_command("reseal_personal_data")
    assert "portal.Person: 1 rows sealed anew" in capsys.readouterr().out
    settings.PERSONAL_DATA_KEYS = [NEW]
    assert Person.objects.get().id_number == NUMBER
    assert User.objects.get(pk=known.pk).full_name == "柳大爷"
    assert Consent.objects.get().guardian == "柳父"
    people.agree(cast.stranger, "identity", by=cast.stranger)
    with pytest.raises(Conflict):
        people.record_identity(cast.stranger, by=cast.stranger, id_number=NUMBER)


def test_without_its_key_a_value_opens_to_nobody(known, settings):
    settings.PERSONAL_DATA_KEYS = [NEW]
    with pytest.raises(ValueError, match="opened by none"):
        Person.objects.get()


def test_a_value_changed_in_the_database_does_not_open(known):
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM portal_person")
        stored = cursor.fetchone()[0]
    assert stored.startswith("v1:")
    assert unseal(stored) == "13812345678"
    flipped = stored[:-6] + ("A" if stored[-6] != "A" else "B") + stored[-5:]
    with pytest.raises(ValueError, match="opened by none"):
        unseal(flipped)


def test_the_same_text_is_sealed_differently_each_time(settings):
    assert seal("柳大爷") != seal("柳大爷")
    assert seal("") == ""


def test_all_models_with_sealed_fields_take_part():
    found = {f"{model._meta.label}.{name}" for model in sealed_models() for name in sealed_fields(model)}
    assert {
        "portal.User.full_name", "portal.Person.phone", "portal.Person.id_number", "portal.Person.address",
        "portal.Consent.guardian", f"{SecondFactor._meta.label}.key",
    } <= found  # fmt: skip
