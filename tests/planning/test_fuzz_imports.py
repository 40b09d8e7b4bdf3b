"""Damaged files through the whole door: `./run fuzz-imports 2000` judges two thousand, the test run a few of each kind.

The zeros: no answer of 5xx, no job that fails by our fault, no row of a refused file, no version that is not whole, nothing
left in the folder for reading, nothing that takes longer than a minute.
"""

import random
import tempfile
import time
from collections import Counter

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from planning.models import PlanFeature, PlanVersion, Project, Zone
from portal.models import Job, Upload, UploadIssue
from tests import world
from tests.nasty import mutations

CHUNKS = 8
SECONDS = 60


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return mutations.good_files(tmp_path_factory.mktemp("good"))


def numbers_of(chunk: int, total: int) -> range:
    return range(chunk, total, CHUNKS)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_damaged_file_is_accepted_whole_or_refused_with_a_reason(
    chunk, good, village, as_user, run_jobs, tmp_path, monkeypatch, request
):
    total, seed = request.config.getoption("--fuzz"), request.config.getoption("--fuzz-seed")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    client, verdicts = as_user("planner"), Counter()
    for number in numbers_of(chunk, total):
        name = list(good)[number % len(good)]
        content = mutations.mutated(name, good[name], random.Random(f"{seed}-{number}"))
        began = time.monotonic()
        verdicts[judged(client, f"{number}-{name}", content, run_jobs)] += 1
        assert time.monotonic() - began < SECONDS, number
        assert_whole(number)
        assert not list(tmp_path.glob("reading-*")), number
    print(f"fuzz {seed} chunk {chunk}: {dict(verdicts)}")


def judged(client, name: str, content: bytes, run_jobs) -> str:
    """Hand in over the API, let the job run, and answer the verdict; anything but a verdict is a defect."""
    cache.clear()  # the throttle is another test's subject
    body = {"file": SimpleUploadedFile(name, content), "village": world.LIUGOU}
    response = client.post(reverse("api-uploads"), body)
    if response.status_code != 202:
        assert response.status_code in (400, 409, 413, 415), (name, response.content[:300])
        assert response.json()["error"]["message"]
        return f"door {response.status_code}"
    run_jobs()
    upload = Upload.objects.get(pk=response.json()["id"])
    assert upload.state in (Upload.State.ACCEPTED, Upload.State.REFUSED), (name, upload.job.message)
    assert upload.job.state == Job.State.DONE, name
    for page in ("upload", "upload-issues"):
        assert client.get(reverse(page, args=[upload.pk])).status_code == 200, name
    if upload.state == Upload.State.REFUSED:
        errors = UploadIssue.objects.filter(upload=upload, level="error")
        assert errors.exists(), name
        assert not {"crashed", "driver", "sandbox_unavailable"} & {e.params.get("reason") for e in errors}, name
        assert not PlanVersion.objects.filter(upload=upload).exists()
    return upload.state


def assert_whole(number: int) -> None:
    """Every version is closed and every row belongs to one that an accepted upload made."""
    for version in PlanVersion.objects.all():
        assert version.digest, number
        assert version.zones.count() == version.upload.result["zones"], number
        assert version.upload.state == Upload.State.ACCEPTED, number
    made = PlanVersion.objects.values("pk")
    for model in (Zone, Project, PlanFeature):
        assert not model.objects.exclude(version__in=made).exists(), number


def test_the_same_number_is_the_same_file(good):
    for number, name in enumerate(good):
        one = mutations.mutated(name, good[name], random.Random(f"7-{number}"))
        assert one == mutations.mutated(name, good[name], random.Random(f"7-{number}"))


def test_the_good_files_are_accepted_or_wait_for_a_choice(good, village, as_user, run_jobs):
    """Else the damage would be done to files that were refused anyhow."""
    waiting = {"plan.dxf"}  # names no coordinate system and holds no class
    client = as_user("planner")
    for name, content in good.items():
        verdict = judged(client, name, content, run_jobs)
        assert verdict == ("refused" if name in waiting else "accepted"), (name, problems())


def problems() -> list:
    return [(i.code, i.params) for i in UploadIssue.objects.filter(level="error")][:5]
