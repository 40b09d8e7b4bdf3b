"""Fixtures of the tests of reading (an upload as bytes, read or refused) and of mail."""

import pytest
from django.utils import timezone

from portal.geo import readers
from portal.geo.issues import Refused
from portal.models import Person
from tests.portal.mail_case import give


@pytest.fixture
def read(tmp_path):
    """read(content, name, **options): the reading of an upload."""

    def read_bytes(content: bytes, name: str, **options) -> readers.Reading:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return readers.read(path, name=name, **options)

    return read_bytes


@pytest.fixture
def refused(read):
    """refused(content, name, **options): the first issue of an upload that must be refused."""

    def issue(content: bytes, name: str, **options):
        with pytest.raises(Refused) as raised:
            read(content, name, **options)
        return raised.value.issues[0]

    return issue


@pytest.fixture
def reader(cast):
    """The villager, who gets mail."""
    give(cast.villager)
    Person.objects.filter(pk=cast.villager.pk).update(email_confirmed_at=timezone.now())
    return cast.villager
