"""Files in pieces: what is refused, before a byte is sent or after, and whose they are."""

import base64
import errno
import hashlib
import os
import shutil
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from portal import resumable, tokens
from portal.models import PartialUpload, Upload
from tests import world
from tests.planning.test_api_uploads import geojson
from tests.portal.pieces_case import (
    BASE,
    PIECE,
    TUS,
    _empty_folder,  # noqa: F401
    begin,
    begun,
    encoded,
    offset,
    send,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> bytes:
    return geojson(world.plan_rows())


@pytest.fixture
def client(village, as_user) -> Client:
    return as_user("planner")


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_piece_that_was_damaged_on_its_way_is_thrown_away(name, client, plan):
    address = begun(client, len(plan))
    right = base64.b64encode(hashlib.new(name, plan[:50]).digest()).decode()
    damaged = send(client, address, plan[:49] + b"?", 0, **{"Upload-Checksum": f"{name} {right}"})
    assert (damaged.status_code, offset(client, address)) == (460, 0)
    assert send(client, address, plan[:50], 0, **{"Upload-Checksum": f"{name} {right}"}).status_code == 204
    assert offset(client, address) == 50


def test_a_file_that_is_not_the_one_announced_is_not_handed_in(client, plan):
    address = begun(client, len(plan), sha256=hashlib.sha256(b"another").hexdigest())
    assert send(client, address, plan, 0).status_code == 460
    assert (Upload.objects.count(), offset(client, address)) == (0, 0)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Offset": "0"}, 412), ({**TUS, "Upload-Offset": "0", "Tus-Resumable": "0.2.2"}, 412), (TUS, 400),
        ({**TUS, "Upload-Offset": "-1"}, 400), ({**TUS, "Upload-Offset": "1e3"}, 400), ({**TUS, "Upload-Offset": "٣"}, 400),
        ({**TUS, "Upload-Offset": "0", "Upload-Checksum": "md5 AAAA"}, 400),
        ({**TUS, "Upload-Offset": "0", "Upload-Checksum": "sha1 *"}, 400),
    ],
)  # fmt: skip
def test_wrong_headers_of_a_piece_are_refused(headers, status, client, plan):
    address = begun(client, len(plan))
    answer = client.patch(address, plan, PIECE, headers=headers)
    assert (answer.status_code, answer["Tus-Resumable"]) == (status, "1.0.0")
    assert ("Tus-Version" in answer) == (status == 412)
    assert offset(client, address) == 0


def test_a_piece_must_say_that_it_is_one_and_fit(client, plan, settings):
    address = begun(client, len(plan))
    wrong = client.patch(address, plan, "application/json", headers={**TUS, "Upload-Offset": "0"})
    assert wrong.status_code == 415
    assert send(client, address, plan + b"more", 0).status_code == 413
    assert offset(client, address) == 0


def test_a_piece_over_the_limit_is_refused(client, monkeypatch):
    monkeypatch.setattr(resumable, "CHUNK", 100)
    address = begun(client, 1000)
    assert send(client, address, b"x" * 101, 0).status_code == 413
    assert send(client, address, b"x" * 100, 0).status_code == 204


def test_the_size_is_judged_before_a_byte_is_sent(client, settings):
    assert begin(client, settings.UPLOAD_MAX_BYTES).status_code == 201
    assert begin(client, settings.UPLOAD_MAX_BYTES + 1).status_code == 413
    assert begin(client, 0).status_code == 400
    assert client.post(BASE, headers={**TUS, "Upload-Metadata": encoded(filename="a", village="1")}).status_code == 400
    assert PartialUpload.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [({"village": ""}, "village"), ({"profile": "nowhere"}, "profile"), ({"crs": "EPSG:99"}, "crs"), ({"filename": ""}, "filename"),
     ({"sha256": "xyz"}, "sha256"), ({"note": "x" * 301}, "note")],
)  # fmt: skip
def test_what_is_wrong_with_the_form_is_named_before_a_byte_is_sent(said, field, client):
    answer = begin(client, 100, **said)
    assert answer.status_code == 400
    assert list(answer.json()["error"]["data"]["fields"]) == [field]
    assert not PartialUpload.objects.exists()


@pytest.mark.parametrize("header", ["village", "filename *", "a b c", "filename /w==", "filename AA=="])
def test_metadata_that_cannot_be_read_is_refused(header, client):
    answer = client.post(BASE, headers={**TUS, "Upload-Length": "5", "Upload-Metadata": header})
    assert answer.status_code == 400


def test_names_that_other_clients_add_do_no_harm(client):
    assert begin(client, 5, type="application/zip", relativePath="null").status_code == 201


def test_a_person_may_not_fill_the_disk_with_unfinished_files(client, settings, as_user):
    for _ in range(resumable.OPEN_FILES):
        assert begin(client, settings.UPLOAD_MAX_BYTES).status_code == 201
    answer = begin(client, 1)
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "no_room")
    assert begin(as_user("committee"), 1).status_code == 201
    client.delete(f"{BASE}{PartialUpload.objects.first().pk}/", headers=TUS)


def test_a_full_disk_is_said_politely_and_nothing_is_lost(client, plan, settings, monkeypatch):
    address = begun(client, len(plan))
    send(client, address, plan[:50], 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=settings.UPLOAD_MIN_FREE_BYTES - 1))
    assert begin(client, 5).status_code == 507
    answer = send(client, address, plan[50:], 50)
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "no_room")
    monkeypatch.undo()

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert send(client, address, plan[50:], 50).status_code == 507
    assert offset(client, address) == PartialUpload.objects.get().path.stat().st_size == 50
    assert send(client, address, plan[50:], 50).status_code == 204


@pytest.mark.parametrize("who", [*world.CAST, None])
def test_only_authors_begin_a_file(who, village, as_user):
    assert begin(as_user(who), 10).status_code == (201 if who in ("planner", "committee") else 403)


@pytest.mark.parametrize("who", [name for name in world.CAST if name != "planner"] + [None])
def test_an_unfinished_file_is_there_for_its_sender_only(who, client, as_user, plan):
    address, other = begun(client, len(plan)), as_user(who)
    assert other.head(address, headers=TUS).status_code == 404
    assert other.get(address).status_code == 404
    assert send(other, address, plan, 0).status_code == 404
    assert other.delete(address, headers=TUS).status_code == 404
    assert offset(client, address) == 0


def test_a_village_that_does_not_exist_is_404(client):
    assert begin(client, 10, village=world.FAR).status_code == 404


def test_who_lost_the_role_meanwhile_cannot_finish(client, plan, cast):
    address = begun(client, len(plan))
    send(client, address, plan[:50], 0)
    cast.planner.memberships.all().delete()
    client.force_login(cast.planner)  # the session of before ended with the role
    assert send(client, address, plan[50:], 50).status_code == 403
    assert not Upload.objects.exists()


def test_with_a_session_nothing_is_written_without_the_csrf_token(village, cast, plan):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.planner)
    assert begin(client, len(plan)).status_code == 403
    part = PartialUpload.objects.create(
        owner=cast.planner, division_code=world.LIUGOU, name="a", size=9, expires_at=timezone.now()
    )
    assert send(client, f"{BASE}{part.pk}/", b"x", 0).status_code == 403
    assert client.delete(f"{BASE}{part.pk}/", headers=TUS).status_code == 403


def test_with_a_token_any_client_can_send(village, cast, plan):
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {tokens.issue(cast.planner)}"})
    address = begun(client, len(plan))
    half = len(plan) // 2
    send(client, address, plan[:half], 0)
    override = {**TUS, "X-HTTP-Method-Override": "PATCH", "Upload-Offset": str(half)}
    assert client.post(address, plan[half:], PIECE, headers=override).status_code == 204
    assert Upload.objects.get().created_by == cast.planner
    assert client.post(address, b"", PIECE, headers=TUS).status_code == 405
