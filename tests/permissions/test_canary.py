"""A text that stands in a draft alone, and one that is a person's own: fetched from every address by everybody who may not
see it, and never in the answer, whatever its form: page, API, tile, spreadsheet, GeoPackage, search."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.http import HttpResponse

from planning.models import Condition, Opinion, PlanVersion, Project, Waiver, Zone
from portal.models import Person, Upload
from tests.permissions import bodies
from tests.permissions.addresses import Address, addresses
from tests.permissions.scene import DRAFT, PUBLIC, values
from villages.models import TableImport

SECRET, NAME, PHONE = "qz7canaryofthedraft", "qz7canaryofaperson", "13987654321"
# what is searched for: a part of both, so that a page may say again what it was asked
ASKED = "qz7canary"
OUTSIDE = ["anonymous", "villager", "other_committee", "ended_planner", "other_reviewer", "water", "other_expert"]  # fmt: skip
INSIDE = "planner"


@contextmanager
def triggers_off(*models: type[Model]) -> Iterator[None]:
    """A closed version never changes; to write a canary into it, what refuses that is held off for a moment."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in models:
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
        yield
        for model in models:
            cursor.execute(f"ALTER TABLE {model._meta.db_table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def planted(scene) -> SimpleNamespace:
    """The canaries: in zone, project, note, opinion, request, exception and file of the draft; in name and telephone."""
    draft = scene.draft
    with triggers_off(Zone, Project, Opinion, Condition, Waiver, PlanVersion):
        draft.zones.update(label=SECRET, remark=SECRET)
        draft.projects.update(name=SECRET, remark=SECRET)
        draft.opinions.update(text=SECRET)
        draft.conditions.update(text=SECRET)
        draft.waivers.update(reason=SECRET, document_name=f"{SECRET}.pdf", document_number=SECRET)
        PlanVersion.objects.filter(pk=draft.pk).update(note=SECRET)
    draft.requests.update(note=SECRET)
    Upload.objects.filter(pk=scene.upload.pk).update(name=f"{SECRET}.geojson")
    TableImport.objects.filter(pk=scene.table.pk).update(name=f"{SECRET}.csv")
    villager = scene.people["villager"]
    villager.full_name = NAME
    villager.save(update_fields=["full_name"])
    Person.objects.update_or_create(user=villager, defaults={"phone": PHONE, "address": NAME})
    return scene


def fetch(scene: SimpleNamespace, address: Address, path: str, who: str, query: str = "") -> HttpResponse:
    with transaction.atomic():
        response = scene.clients[who].generic("GET", path, QUERY_STRING=query)
        response.kept = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    return response


def words(response: HttpResponse) -> str:
    """The answer as text: archives and packed tiles unpacked, JSON's escapes undone."""
    content = response.kept
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return content.decode("utf-8", "replace") + " ".join(f"{name}: {value}" for name, value in response.items())


def paths(scene: SimpleNamespace) -> list[tuple[Address, str, str]]:
    """Every address, filled for the draft and, where that differs, for the public version."""
    found = []
    for address in addresses():
        of_draft, of_public = (address.fill(values(scene, of)) for of in (DRAFT, PUBLIC))
        found += [(address, DRAFT, of_draft)] if of_draft else []
        found += [(address, PUBLIC, of_public)] if of_public and of_public != of_draft else []
    return found


def test_nobody_outside_finds_the_canary_of_a_draft_or_of_a_person(planted):
    hear_it_inside(planted)
    sung = []
    for address, of, path in paths(planted):
        queries = {bodies.QUERIES.get(address.name, ""), "" if "<" in address.route else f"q={ASKED}"}
        for who in OUTSIDE:
            for query in sorted(queries):
                response = fetch(planted, address, path, who, query)
                text = words(response)
                seen = [
                    canary
                    for canary in (SECRET, NAME, PHONE)
                    if canary in text and not (who == "villager" and canary != SECRET)
                ]
                if seen or (of == DRAFT and response.get("Content-Type") == "application/pdf"):
                    sung.append(f"{address.name} {of} {query} as {who}: {seen or 'a PDF of a draft'}")
    assert not sung, "\n".join(sung)


def hear_it_inside(planted: SimpleNamespace) -> None:
    """The canary sings for those who may hear it: else its silence would prove nothing."""
    heard = {
        address.name for address, of, path in paths(planted)
        if of == DRAFT and SECRET in words(fetch(planted, address, path, INSIDE, bodies.QUERIES.get(address.name, "")))
    }  # fmt: skip
    expected = {
        "api-version-zones",
        "api-version-projects",
        "version",
        "review",
        "waiver",
        "api-waiver",
        "upload",
        "api-upload",
    }
    assert expected <= heard
    assert len(heard) > 15
