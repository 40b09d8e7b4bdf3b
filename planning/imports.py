"""From a file to a plan version: read it in a child process, map it, check it, write it in one transaction.

The web page, the API and the command call the same functions: `receive` takes a file and starts the job, `import_upload`
is the job's work, `import_plan` does it all for a file on disk. A file with an error stores nothing but its issues.
"""

import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from planning import choices, judging, overtaken, profiles, questions, recognition, repairing, writing
from planning.models import PlanVersion
from planning.quality import report
from planning.schema import Profile
from portal import jobs
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.geo import readers
from portal.geo.issues import Issue, Refused
from portal.models import Upload, UploadIssue, User
from villages.models import Village


@dataclass
class Outcome:
    """The verdict on a file: accepted with a new version, or refused with what is wrong and nothing stored."""

    accepted: bool
    version: PlanVersion | None = None
    zones: int = 0
    issues: list[Issue] = field(default_factory=list)
    preview: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    draft: judging.Draft | None = None
    found: dict[str, Any] = field(default_factory=dict)
    """what the file leaves open for a person to decide: questions.py, repairing.py"""


def receive(
    file: File,
    *,
    name: str,
    village: Village,
    by: User | None,
    profile: str = "",
    options: dict[str, Any] | None = None,
    again: bool = False,
) -> Upload:
    """Keep an uploaded file and start the job that judges it. `options`: crs, encoding, note, check_only, based_on.

    Raises recognition.Known if the same file was handed in before, unless it is wanted `again`.
    """
    check_right(by, village)
    if file.size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise PortalError(_("The file is larger than %(limit)d MB.") % {"limit": limit}, code="too_large")
    if not file.size:
        raise PortalError(_("The file is empty."), code="empty")
    profiles.by_name(profile)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    if not again:
        asked = {**(options or {}), "profile": profile}
        recognition.refuse_known(digest.hexdigest(), village=village, by=by, options=asked)
    with transaction.atomic():
        upload = Upload(
            division_code=village.code, name=Path(name).name[:255], size=file.size, sha256=digest.hexdigest(),
            options={**(options or {}), "profile": profile or profiles.DEFAULT}, created_by=by,
        )  # fmt: skip
        upload.file.save("file", file, save=False)
        try:
            upload.save(force_insert=True)
            after = {"village": village.code, "sha256": upload.sha256, "size": upload.size}
            record("upload.received", upload, by=by, after=after)
            start_check(upload, by=by)
        except BaseException:  # no row will tell of this file
            shutil.rmtree(Path(upload.file.path).parent, ignore_errors=True)
            raise
    return upload


def start_check(upload: Upload, *, by: User | None) -> None:
    """Start (or start again) the job that judges an upload."""
    upload.state = Upload.State.WAITING
    upload.job = jobs.start("planning.import_upload", by=by, upload=upload.pk)
    upload.save(update_fields=["state", "job", "options"])


@transaction.atomic
def again(upload: Upload, *, by: User, **changes: Any) -> Upload:
    """Judge an upload once more with other choices (profile, crs, encoding, swap_axes, decisions, repairs).

    A refused file is judged in its place; accepted work never changes, so for an accepted one a new upload of the same
    file begins, and what passes becomes a new version.
    """
    check_right(by, Village.objects.get(pk=upload.division_code))
    upload = Upload.objects.select_for_update().get(pk=upload.pk)
    if upload.state == Upload.State.WAITING:
        raise Conflict(_("The file is still being checked."), code="state")
    before = {name: upload.options[name] for name in changes if name in upload.options}
    options = choices.merged(upload.options, changes)
    if upload.state == Upload.State.ACCEPTED:
        upload = copied(upload, by)
    upload.options = options
    record("upload.judged_again", upload, by=by, before=choices.told(before), after=choices.told(changes))
    start_check(upload, by=by)
    return upload


def copied(upload: Upload, by: User) -> Upload:
    """A new upload of the same file."""
    copy = Upload(
        division_code=upload.division_code, name=upload.name, size=upload.size, sha256=upload.sha256, created_by=by
    )
    with upload.file.open("rb") as content:
        copy.file.save("file", File(content), save=False)
    copy.save(force_insert=True)
    record("upload.taken_again", copy, by=by, after={"from": upload.pk})
    return copy


@transaction.atomic
def discard(upload: Upload, *, by: User) -> Upload:
    """Decide that a file that was overtaken is not to be stored. The file stays: the decision can be taken back."""
    check_right(by, Village.objects.get(pk=upload.division_code))
    upload = Upload.objects.select_for_update().get(pk=upload.pk)
    if upload.state != Upload.State.REFUSED or "overtaken" not in upload.result:
        raise Conflict(_("Nothing is to be decided about this file."), code="state")
    upload.result["overtaken"]["discarded"] = True
    upload.save(update_fields=["result"])
    record("upload.discarded", upload, by=by, after={"version": upload.result["overtaken"]["version"]})
    return upload


def check_right(by: User | None, village: Village) -> None:
    if by is not None and not by.has_perm("planning.upload_plan", village):
        raise NotAllowed(
            _("Only the planner or the committee of %(village)s may hand in its plan.") % {"village": village}
        )


def import_upload(upload: Upload, *, progress: jobs.Progress = jobs.quiet) -> Outcome:
    """Judge a stored upload and write its issues; on acceptance also the version. All of it is there, or nothing."""
    village = Village.objects.get(pk=upload.division_code)
    check_right(upload.created_by, village)
    outcome = judge_file(
        Path(upload.file.path), name=upload.name, village=village, options=upload.options, progress=progress
    )
    with transaction.atomic():
        store(outcome, village, by=upload.created_by, options=upload.options, upload=upload, progress=progress)
        settle(upload, outcome)
    return outcome


def settle(upload: Upload, outcome: Outcome) -> None:
    """Write the verdict. If the upload waits no more (a cancel, or another worker that took over, was quicker) nothing
    of this run may stay."""
    if not Upload.objects.select_for_update().filter(pk=upload.pk, state=Upload.State.WAITING).exists():
        raise jobs.Cancelled
    upload.issues.all().delete()
    UploadIssue.objects.bulk_create(issue_row(upload, i) for i in outcome.issues)
    upload.state = Upload.State.ACCEPTED if outcome.accepted else Upload.State.REFUSED
    upload.result = {
        "version": outcome.version.pk if outcome.version else None,
        "zones": outcome.zones,
        "checked_only": bool(upload.options.get("check_only")),
        "preview": outcome.preview,
        "report": outcome.report,
        **outcome.found,
    }
    upload.save(update_fields=["state", "result"])
    verb = "held" if "overtaken" in outcome.found else upload.state
    record(f"upload.{verb}", upload, by=upload.created_by, after={"issues": len(outcome.issues)})
    if made := outcome.report.get("repairs"):
        record("upload.repaired", upload, by=upload.created_by, after={"repairs": made})


def issue_row(upload: Upload, issue: Issue) -> UploadIssue:
    geom = GEOSGeometry(memoryview(shapely.to_wkb(issue.geom)), srid=4490) if issue.geom is not None else None
    return UploadIssue(
        upload=upload,
        code=issue.code,
        level=issue.level,
        layer=issue.layer[:100],
        row=issue.row,
        params=issue.params,
        geom=geom,
    )


def import_plan(
    path: Path, *, name: str, village: Village, profile: str = "", by: User | None = None,
    options: dict[str, Any] | None = None, upload: Upload | None = None, progress: jobs.Progress = jobs.quiet,
) -> Outcome:  # fmt: skip
    """Read, judge and write a plan file. Raises NotAllowed or PortalError for a wrong village, role or profile."""
    check_right(by, village)
    options = {**(options or {}), "profile": profile}
    outcome = judge_file(path, name=name, village=village, options=options, progress=progress)
    store(outcome, village, by=by, options=options, upload=upload, progress=progress)
    return outcome


def judge_file(
    path: Path, *, name: str, village: Village, options: dict[str, Any], progress: jobs.Progress
) -> Outcome:  # fmt: skip
    """Read and judge a plan file; nothing is stored."""
    used = profiles.for_village(options.get("profile", ""), village.code)
    progress(5, _("Reading the file"))
    try:
        reading = read(
            path,
            used,
            name=name,
            options=options,
            progress=lambda share: progress(5 + int(35 * share), _("Reading the file")),
        )
    except Refused as refused:
        told = report.refused_unread(refused.issues, profile=f"{used.name}@{used.edition}")
        found = questions.of_refusal(refused.issues, village)
        return Outcome(False, issues=refused.issues, report=told, found=found)
    count = sum(len(x.rows) for x in reading.layers)
    progress(40, _("Checking %(count)d features") % {"count": count})
    judged = judging.judge(
        reading.layers, used, village, decisions=options.get("decisions"), repairs=options.get("repairs"),
        progress=lambda share: progress(40 + int(40 * share), _("Checking %(count)d features") % {"count": count}),
    )  # fmt: skip
    outcome = Outcome(not judged.refused, issues=judged.issues, preview=judged.preview, report=judged.report)
    outcome.draft = None if judged.refused else judged.draft
    outcome.found = {**questions.of_reading(reading.layers, judged.issues, village), **judged.found}
    return outcome


def read(path: Path, profile: Profile, *, name: str, options: dict[str, Any], **more: Any) -> readers.Reading:
    """The file as its sender, or else the profile, wants it read."""
    return readers.read(
        path, name=name, crs=options.get("crs") or profile.content.get("crs"),
        encoding=options.get("encoding") or profile.content.get("encoding"),
        swap_axes=bool(options.get("swap_axes")), **more,
    )  # fmt: skip


def read_stored(upload: Upload, profile: Profile, *, layers: list[str]) -> readers.Reading:
    """Some layers of a stored file once more, as it was judged."""
    return read(Path(upload.file.path), profile, name=upload.name, options=upload.options, layers=layers)


@transaction.atomic
def store(
    outcome: Outcome, village: Village, *, by: User | None, options: dict[str, Any], upload: Upload | None,
    progress: jobs.Progress,
) -> None:  # fmt: skip
    """Write the version of an accepted file, unless it was only to be checked, or somebody stored one its sender has not seen."""
    if outcome.draft is None:
        return
    outcome.zones = len(outcome.draft.codes)
    if options.get("check_only"):
        outcome.draft = None
        return
    Village.objects.select_for_update().get(pk=village.pk)  # no version may come between the question and the writing
    if later := overtaken.later_version(village, options):
        outcome.accepted = False
        outcome.found["overtaken"] = overtaken.question(outcome.draft, later)
        outcome.draft = None
        return
    words = _("Storing %(count)d zones") % {"count": outcome.zones}
    outcome.version = writing.write(
        outcome.draft, village, by=by, note=note_of(outcome, options), upload=upload, report=outcome.report,
        based_on=overtaken.base_of(village, options),
        progress=lambda share: progress(80 + int(19 * share), words),
    )  # fmt: skip
    outcome.draft = None  # half a gigabyte for a county


def note_of(outcome: Outcome, options: dict[str, Any]) -> str:
    """What changed, in the words of the sender; repairs by the portal are named too."""
    said, made = str(options.get("note", "")), repairing.note(outcome.report)
    return " ".join(part for part in (said[: 300 - len(made) - 1], made) if part)
