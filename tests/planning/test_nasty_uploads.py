"""The whole corpus of nasty files through the API and a job: the expected reason, no row, no 5xx, no connection, in time."""

import tempfile
import time

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from planning.models import PlanVersion
from portal.models import Job, Upload, UploadIssue
from tests import nasty, world
from tests.nasty.listener import Listener
from tests.portal.test_reading_nasty import SECRET

CHUNKS = 6
SECONDS = 60


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_nasty_file_is_refused_for_its_reason_or_made_harmless(
    chunk, village, as_user, run_jobs, tmp_path, monkeypatch
):
    listener = Listener()
    secret, scratch = tmp_path / "secret.csv", tmp_path / "scratch"
    secret.write_text(f"id,name\n1,{SECRET}\n")
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    canaries, client = nasty.Canaries(listener.url, str(secret)), as_user("planner")
    for case in nasty.CASES[chunk::CHUNKS]:
        began = time.monotonic()
        told = hand_in(case, canaries, client, run_jobs)
        assert time.monotonic() - began < SECONDS, case.name
        assert SECRET not in told, case.name
        assert listener.hits == 0, case.name
        assert not list(scratch.glob("reading-*")), case.name
    listener.socket.close()


def hand_in(case: nasty.Case, canaries: nasty.Canaries, client, run_jobs) -> str:
    """Everything a person is told about the file; its verdict is looked at here."""
    cache.clear()  # the throttle is another test's subject
    before = PlanVersion.objects.count()
    file = SimpleUploadedFile(case.filename, case.make(canaries))
    response = client.post(reverse("api-uploads"), {"file": file, "village": world.LIUGOU})
    if response.status_code == 400:  # refused at the door: an empty file
        return response.content.decode()
    assert response.status_code == 202, (case.name, response.content[:300])
    run_jobs()
    upload = Upload.objects.get(pk=response.json()["id"])
    assert upload.job.state == Job.State.DONE, (case.name, upload.job.message)
    assert upload.state in (Upload.State.ACCEPTED, Upload.State.REFUSED), case.name
    reasons = {e.params.get("reason") for e in UploadIssue.objects.filter(upload=upload, level="error")}
    if case.reasons:
        assert upload.state == Upload.State.REFUSED, case.name
        assert reasons <= case.reasons, (case.name, reasons)
        assert PlanVersion.objects.count() == before, case.name
    page = client.get(reverse("upload", args=[upload.pk]))
    issues = client.get(reverse("api-upload-issues", args=[upload.pk]))
    assert (page.status_code, issues.status_code) == (200, 200), case.name
    assert "<script>alert" not in page.content.decode(), case.name
    return page.content.decode() + issues.content.decode()
