"""Files in pieces: the tus protocol by raw requests, what a kill leaves behind, expiry, and files that are known."""

import fcntl
import hashlib
import os
import socket
import threading
import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from planning.models import PlanVersion
from portal import resumable
from portal.models import AuditEntry, PartialUpload, Upload
from portal.models.parts import parts_folder
from portal.tasks import sweep_jobs
from tests import world
from tests.planning.test_api_uploads import geojson
from tests.portal.pieces_case import (
    BASE,
    TUS,
    _empty_folder,  # noqa: F401
    begin,
    begun,
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


def test_a_server_says_what_it_can_without_being_told_a_version(client, settings):
    answer = client.options(BASE)
    assert answer.status_code == 204
    assert answer["Tus-Resumable"] == answer["Tus-Version"] == "1.0.0"
    assert set(answer["Tus-Extension"].split(",")) == {"creation", "expiration", "checksum", "termination"}
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(answer["Tus-Max-Size"]) == settings.UPLOAD_MAX_BYTES


def test_a_file_cut_at_half_goes_on_from_there_and_is_the_same_file(client, plan, run_jobs):
    address, half = begun(client, len(plan), note="第一稿"), len(plan) // 2
    first = send(client, address, plan[:half], 0)
    assert (first.status_code, first["Upload-Offset"], first["Tus-Resumable"]) == (204, str(half), "1.0.0")
    assert "GMT" in first["Upload-Expires"]
    told = client.head(address, headers=TUS)
    assert (told["Upload-Offset"], told["Upload-Length"]) == (str(half), str(len(plan)))
    assert told["Cache-Control"] == "no-store"
    assert "note 56ys5LiA56i/" in told["Upload-Metadata"]
    assert not Upload.objects.exists()
    last = send(client, address, plan[half:], half)
    assert last.status_code == 204, last.content
    upload = Upload.objects.get()
    assert (last["Portal-Upload"], last["Portal-Page"]) == (upload.pk, f"/uploads/{upload.pk}/")
    assert upload.sha256 == hashlib.sha256(plan).hexdigest()
    assert upload.file.open("rb").read() == plan
    assert (upload.name, upload.options["note"], upload.created_by.username) == ("plan.geojson", "第一稿", "planner")
    said = client.get(address).json()
    assert (said["upload"], said["offset"], said["known"]) == (upload.pk, len(plan), False)
    assert list(parts_folder().iterdir()) == []
    run_jobs()
    assert PlanVersion.objects.get().note == "第一稿"


def test_no_byte_is_copied_when_the_file_is_whole(client, plan):
    address = begun(client, len(plan))
    send(client, address, plan[:10], 0)
    part = PartialUpload.objects.get()
    before = part.path.stat().st_ino
    send(client, address, plan[10:], 10)
    assert os.stat(Upload.objects.get().file.path).st_ino == before


def test_what_came_before_the_line_broke_is_kept(client, plan):
    """A body shorter than announced, as a web server hands it over when the sender is gone."""
    address = begun(client, len(plan))
    part = PartialUpload.objects.get()

    class Broken:
        sent = False

        def read(self, size: int) -> bytes:
            self.sent, sent = True, self.sent
            return b"" if sent else plan[:100]

    resumable.append(part, at=0, stream=Broken(), length=len(plan), finish=pytest.fail)
    assert offset(client, address) == 100
    assert send(client, address, plan[100:], 100).status_code == 204
    assert Upload.objects.get().sha256 == hashlib.sha256(plan).hexdigest()


@pytest.mark.parametrize("at", [0, 60, 5000])
def test_a_piece_for_another_place_is_refused_with_the_right_one(at, client, plan):
    address = begun(client, len(plan))
    send(client, address, plan[:50], 0)
    answer = send(client, address, b"x" * 10, at)
    assert answer.status_code == 409
    assert answer.json()["error"]["data"] == {"offset": 50}
    assert answer["Tus-Resumable"] == "1.0.0"
    assert offset(client, address) == 50


@pytest.mark.parametrize("tail", [b"never acknowledged", b""])
def test_after_a_kill_the_unacknowledged_tail_is_cut_off(tail, client, plan):
    """The bytes were written, the process was killed before the row said so."""
    address = begun(client, len(plan))
    send(client, address, plan[:50], 0)
    with PartialUpload.objects.get().path.open("ab") as file:
        file.write(tail)
    assert offset(client, address) == 50
    send(client, address, plan[50:], 50)
    assert Upload.objects.get().sha256 == hashlib.sha256(plan).hexdigest()


def test_a_file_shorter_than_the_row_says_goes_back_to_what_is_there(client, plan):
    address = begun(client, len(plan))
    send(client, address, plan[:50], 0)
    os.truncate(PartialUpload.objects.get().path, 20)
    assert send(client, address, plan[50:], 50).status_code == 409
    assert offset(client, address) == 20
    send(client, address, plan[20:], 20)
    assert Upload.objects.get().sha256 == hashlib.sha256(plan).hexdigest()


def test_a_kill_while_the_whole_file_is_handed_over_costs_one_piece(client, plan, monkeypatch):
    address = begun(client, len(plan))
    send(client, address, plan[:50], 0)

    class Killed(BaseException):
        pass

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("planning.imports.start_check", die)
        with pytest.raises(Killed):
            send(client, address, plan[50:], 50)
    assert (offset(client, address), Upload.objects.count(), AuditEntry.objects.count()) == (50, 0, 0)
    assert send(client, address, plan[50:], 50).status_code == 204
    assert Upload.objects.get().file.open("rb").read() == plan


def test_acknowledged_bytes_were_synced_first(client, plan, monkeypatch):
    address, seen = begun(client, len(plan)), []
    real = os.fsync

    def watched(number: int) -> None:
        seen.append((os.fstat(number).st_size, PartialUpload.objects.get().offset))
        real(number)

    monkeypatch.setattr(os, "fsync", watched)
    send(client, address, plan[:50], 0)
    send(client, address, plan[50:90], 50)
    assert seen == [(50, 0), (90, 50)]


def test_of_two_senders_at_once_exactly_one_writes(client, plan):
    address = begun(client, len(plan))
    with PartialUpload.objects.get().path.open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        loser = send(client, address, plan[:50], 0)
        assert loser.status_code == 423
        assert client.delete(address, headers=TUS).status_code == 423
    assert send(client, address, plan[:50], 0).status_code == 204
    assert send(client, address, plan[:50], 0).status_code == 409


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_threads_with_the_same_piece_leave_it_there_once(village, cast, as_user, plan):
    address = begun(as_user("planner"), len(plan))
    part = PartialUpload.objects.get()
    ends: list[str] = []
    together = threading.Barrier(2)

    class Slow:
        def __init__(self) -> None:
            self.left = [plan[:25], plan[25:50]]

        def read(self, size: int) -> bytes:
            time.sleep(0.05)
            return self.left.pop(0) if self.left else b""

    def run() -> None:
        from django.db import connection

        mine = PartialUpload.objects.get(pk=part.pk)
        together.wait(5)
        try:
            resumable.append(mine, at=0, stream=Slow(), length=50, finish=pytest.fail)
            ends.append("won")
        except resumable.Busy:
            ends.append("busy")
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(ends) == ["busy", "won"]
    assert part.path.read_bytes() == plan[:50]
    assert offset(as_user("planner"), address) == 50


def test_a_file_given_up_is_gone(client, plan):
    address = begun(client, len(plan))
    send(client, address, plan[:50], 0)
    assert client.delete(address, headers=TUS).status_code == 204
    assert client.head(address, headers=TUS).status_code == 404
    assert list(parts_folder().iterdir()) == []


def test_the_sweeper_removes_what_nobody_went_on_with_and_what_a_kill_left(client, plan):
    kept, expired = begun(client, len(plan)), begun(client, len(plan))
    old = PartialUpload.objects.get(pk=expired.rstrip("/").rsplit("/", 1)[1])
    PartialUpload.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    for name in ("abcdefghjkmn", "abcdefghjkmn.whole", "tmpx.incoming", "new.incoming"):
        path = parts_folder() / name
        path.write_bytes(b"x")
        if name != "new.incoming":
            os.utime(path, (0, 0))
    os.utime(PartialUpload.objects.exclude(pk=old.pk).get().path, (0, 0))
    sweep_jobs()
    assert offset(client, kept) == 0
    assert client.head(expired, headers=TUS).status_code == 404
    assert {p.name for p in parts_folder().iterdir()} == {kept.rstrip("/").rsplit("/", 1)[1], "new.incoming"}


def test_a_sender_who_drips_is_not_waited_for():
    """The line is shut for reading when the time is over: what came is returned, and the thread is free."""
    ours, theirs = socket.socketpair()
    theirs.send(b"12345")
    with ours, theirs, resumable.patience(ours, seconds=0.2), ours.makefile("rb") as stream:
        began = time.monotonic()
        assert stream.read(100) == b"12345"
    assert 0.1 < time.monotonic() - began < 5


def known(client: Client, content: bytes, **query: str) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    answer = client.get(
        "/api/v1/uploads/known/",
        {"village": world.LIUGOU, "sha256": digest, **query},
        headers={"Accept-Language": "en"},
    )
    assert answer.status_code == 200, answer.content
    return answer.json()


def whole(client: Client, content: bytes, **said: str) -> Any:
    return send(client, begun(client, len(content), **said), content, 0)


def test_a_file_accepted_before_is_known_before_a_byte_is_sent(client, plan, run_jobs):
    assert known(client, plan)["known"] is False
    first = whole(client, plan)["Portal-Upload"]
    assert "is being checked" in known(client, plan)["message"]
    run_jobs()
    told = known(client, plan)
    assert (told["upload"], told["state"], told["page"]) == (first, "accepted", f"/uploads/{first}/")
    assert "accepted as version 1" in told["message"]
    assert known(client, plan, profile="other", crs="EPSG:4490")["known"], (
        "an accepted file is known however it was read"
    )
    digest = hashlib.sha256(plan).hexdigest()
    refused = begin(client, len(plan), sha256=digest)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "known")
    assert refused.json()["error"]["data"]["upload"] == first
    assert begin(client, len(plan), sha256=digest, again="true").status_code == 201


def test_a_refused_file_has_its_verdict_already_unless_it_is_read_otherwise(client, run_jobs):
    bad = geojson(world.plan_rows(), bad=True)
    whole(client, bad)
    run_jobs()
    assert "refused with " in known(client, bad)["message"]
    assert known(client, bad, profile="ghydyh")["known"]
    assert not known(client, bad, crs="EPSG:4490")["known"]


def test_a_check_that_broke_off_is_no_verdict(client, plan):
    whole(client, plan)
    Upload.objects.update(state="failed")
    assert not known(client, plan)["known"]


def test_without_a_digest_the_last_piece_leads_to_the_earlier_upload(client, plan, run_jobs):
    first = whole(client, plan)["Portal-Upload"]
    run_jobs()
    address = begun(client, len(plan))
    last = send(client, address, plan, 0)
    assert (last.status_code, last["Portal-Upload"]) == (204, first)
    said = client.get(address, headers={"Accept-Language": "en"}).json()
    assert (said["known"], said["upload"]) == (True, first)
    assert "accepted as version 1" in said["message"]
    assert (Upload.objects.count(), list(parts_folder().iterdir())) == (1, [])
    assert whole(client, plan, again="true")["Portal-Upload"] != first


def test_strangers_are_not_told_what_was_handed_in(client, plan, as_user, run_jobs):
    whole(client, plan)
    run_jobs()
    for who in world.CAST:
        may = who in ("planner", "committee", "township", "reviewer", "leader", "province")
        assert known(as_user(who), plan)["known"] == may, who
    query = {"village": world.LIUGOU, "sha256": "0" * 64}
    assert as_user().get("/api/v1/uploads/known/", query).status_code == 403
    world.make_village(world.OTHER, col=20)
    assert not known(client, plan, village=world.OTHER)["known"]


def test_pages_take_no_large_bodies_and_say_so_before_reading_them(client, settings):
    class Unread:
        def read(self, *args: Any) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    for address, length in (
        ("/uploads/new/", settings.UPLOAD_MAX_BYTES + 2**20),
        ("/login/", 4 * 2**20),
        ("/api/v1/token/", 4 * 2**20),
    ):
        answer = client.generic(
            "POST",
            address,
            b"",
            "multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(length),
            **{"wsgi.input": Unread()},
        )
        assert answer.status_code == 413, address
    assert client.get("/uploads/new/").status_code == 200


def test_a_large_file_of_a_form_waits_where_it_is_kept(client, plan):
    """It is moved, not copied; and what a kill leaves is in the folder that is swept."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    seen = []
    real = os.rename

    def watched(old: Any, new: Any, *args: Any, **kwargs: Any) -> None:
        seen.append(str(old))
        real(old, new, *args, **kwargs)

    big = SimpleUploadedFile("plan.geojson", plan + b" " * 2**21)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "rename", watched)
        answer = client.post("/api/v1/uploads/", {"file": big, "village": world.LIUGOU})
    assert answer.status_code == 202, answer.content
    assert [path for path in seen if path.startswith(str(parts_folder()))]
    assert list(parts_folder().iterdir()) == []
