"""From a file to a plan version: read it in a child process, map it, check it, write it in one transaction.

The web page, the API and the command call the same functions: `receive` takes a file and starts the job, `import_upload`
is the job's work, `import_plan` does it all for a file on disk. A file with an error stores nothing but its issues.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from planning import guess, profiles, workflow
from planning.models import Plan, PlanVersion, Project, State, Zone
from planning.profiles import Mapping
from portal import jobs
from portal.audit import record
from portal.errors import NotAllowed, PortalError
from portal.geo import copy, quality, readers
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


def receive(
    file: File,
    *,
    name: str,
    village: Village,
    by: User | None,
    profile: str = "",
    options: dict[str, Any] | None = None,
) -> Upload:
    """Keep an uploaded file and start the job that judges it. `options`: crs, encoding, note."""
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
    with transaction.atomic():
        upload = Upload(
            division_code=village.code, name=Path(name).name[:255], size=file.size, sha256=digest.hexdigest(),
            options={**(options or {}), "profile": profile or profiles.DEFAULT}, created_by=by,
        )  # fmt: skip
        upload.file.save("file", file, save=False)
        upload.save(force_insert=True)
        record(
            "upload.received",
            upload,
            by=by,
            after={"village": village.code, "sha256": upload.sha256, "size": upload.size},
        )
        start_check(upload, by=by)
    return upload


def start_check(upload: Upload, *, by: User | None) -> None:
    """Start (or start again) the job that judges an upload."""
    upload.state = Upload.State.WAITING
    upload.job = jobs.start("planning.import_upload", by=by, upload=upload.pk)
    upload.save(update_fields=["state", "job", "options"])


@transaction.atomic
def check_again(upload: Upload, *, by: User, profile: str) -> Upload:
    """Judge a refused upload once more with another mapping profile."""
    check_right(by, Village.objects.get(pk=upload.division_code))
    upload = Upload.objects.select_for_update().get(pk=upload.pk)
    if upload.state not in (Upload.State.REFUSED, Upload.State.FAILED):
        raise PortalError(_("Only a refused file can be checked again."), code="state")
    profiles.by_name(profile)
    upload.options = {**upload.options, "profile": profile}
    start_check(upload, by=by)
    return upload


def check_right(by: User | None, village: Village) -> None:
    if by is not None and not by.has_perm("planning.upload_plan", village):
        raise NotAllowed(
            _("Only the planner or the committee of %(village)s may hand in its plan.") % {"village": village}
        )


def import_upload(upload: Upload, *, progress: jobs.Progress = jobs.quiet) -> Outcome:
    """Judge a stored upload and write its issues; on acceptance also the version."""
    village = Village.objects.get(pk=upload.division_code)
    options = dict(upload.options)
    outcome = import_plan(
        Path(upload.file.path), name=upload.name, village=village, profile=options.get("profile", ""),
        by=upload.created_by, options=options, upload=upload, progress=progress,
    )  # fmt: skip
    with transaction.atomic():
        upload.issues.all().delete()
        UploadIssue.objects.bulk_create(issue_row(upload, i) for i in outcome.issues)
        upload.state = Upload.State.ACCEPTED if outcome.accepted else Upload.State.REFUSED
        upload.result = {
            "version": outcome.version.pk if outcome.version else None,
            "zones": outcome.zones,
            "preview": outcome.preview,
        }
        upload.save(update_fields=["state", "result"])
        record(f"upload.{upload.state}", upload, by=upload.created_by, after={"issues": len(outcome.issues)})
    return outcome


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
    """Read, map, check and write a plan file. Raises NotAllowed or PortalError for a wrong village, role or profile."""
    check_right(by, village)
    content, options = profiles.by_name(profile), options or {}
    progress(5, _("Reading the file"))
    try:
        reading = readers.read(
            path, name=name, crs=options.get("crs") or content.get("crs"),
            encoding=options.get("encoding") or content.get("encoding"),
        )  # fmt: skip
    except Refused as refused:
        return Outcome(False, issues=refused.issues)
    progress(40, _("Checking %(count)d features") % {"count": sum(len(x.rows) for x in reading.layers)})
    preview = guess.preview(reading.layers, content)
    draft, issues = judge(reading.layers, content, village)
    if draft is None or any(i.level == "error" for i in issues):
        return Outcome(False, issues=issues, preview=preview)
    progress(80, _("Storing %(count)d zones") % {"count": len(draft.codes)})
    version = write(draft, village, by=by, note=str(options.get("note", ""))[:300], upload=upload)
    return Outcome(True, version=version, zones=len(draft.codes), issues=issues, preview=preview)


@dataclass
class Draft:
    """What a file says, in our terms, checked but not stored."""

    codes: list[str]
    geoms: np.ndarray
    labels: list[Any]
    areas: list[float | None]
    remarks: list[Any]
    projects: list[dict[str, Any]]


def judge(layers: Sequence[Any], content: dict[str, Any], village: Village) -> tuple[Draft | None, list[Issue]]:
    """Map the layers and check them; the draft is None if there is no zone layer or no code field."""
    part = content["zones"]
    layer = profiles.find_layer(layers, part)
    if layer is None:
        there = ", ".join(x.name for x in layers)
        return None, [
            Issue(
                "S1",
                "error",
                "",
                None,
                {"reason": "layer_wanted", "wanted": ", ".join(part["layers"]), "there": there},
                None,
            )
        ]
    mapping = profiles.apply(layer, part)
    if "code" not in mapping.columns:
        params = {
            "reason": "field_wanted",
            "wanted": ", ".join(part["fields"]["code"]),
            "there": ", ".join(map(str, layer.fields)),
        }
        return None, [Issue("S2", "error", layer.name, None, params, None)]
    codes = profiles.translate(mapping.values("code"), part.get("codes", {}))
    areas, area_issues = numbers(mapping, "area_m2")
    issues = quality.check_zones(
        layer.name, codes, layer.geometry, known_codes=set(profiles.known_codes()),
        outline=shapely.from_wkb(bytes(village.geom.wkb)), file_area=areas if "area_m2" in mapping.columns else None,
        rules=content.get("rules", {}),
    )  # fmt: skip
    projects, project_issues = read_projects(layers, content.get("projects"))
    draft = Draft(codes, multi(layer.geometry), mapping.values("label"), areas, mapping.values("remark"), projects)
    return draft, [*area_issues, *issues, *project_issues]


def multi(geoms: np.ndarray) -> np.ndarray:
    """Every polygon as a multipolygon, as the columns want it."""
    geoms = np.array(geoms, dtype=object)
    single = np.flatnonzero(shapely.get_type_id(geoms) == shapely.GeometryType.POLYGON)
    if len(single):
        geoms[single] = shapely.multipolygons(geoms[single], indices=np.arange(len(single)))
    return geoms


def numbers(mapping: Mapping, name: str) -> tuple[list[float | None], list[Issue]]:
    """A numeric field of ours; a value that is no number is a warning and counts as empty."""
    values: list[float | None] = []
    issues = []
    for row, value in enumerate(mapping.values(name), 1):
        try:
            values.append(None if value is None else float(value))
        except (TypeError, ValueError):
            values.append(None)
            params = {"field": mapping.columns[name], "value": str(value)[:50]}
            issues.append(Issue("S3", "warning", mapping.layer.name, row, {**params, "reason": "not_a_number"}, None))
    return values, issues


def read_projects(layers: Sequence[Any], part: dict[str, Any] | None) -> tuple[list[dict[str, Any]], list[Issue]]:
    """Projects of the optional project layer; a row without a name is an error."""
    if not part or (layer := profiles.find_layer(layers, {**part, "single": False})) is None:
        return [], []
    mapping = profiles.apply(layer, part)
    columns = {name: mapping.values(name) for name in ("name", "kind", "funding_source", "remark", "state")}
    budgets, issues = numbers(mapping, "budget_wan")
    starts, more = numbers(mapping, "starts_in")
    ends, rest = numbers(mapping, "ends_in")
    issues += more + rest
    projects = []
    for i, geom in enumerate(layer.geometry):
        if columns["name"][i] is None:
            issues.append(
                Issue(
                    "S3",
                    "error",
                    layer.name,
                    i + 1,
                    {"reason": "name_wanted", "field": ", ".join(part["fields"]["name"])},
                    geom,
                )
            )
            continue
        state = part.get("states", {}).get(str(columns["state"][i] or ""), Project.State.PROPOSED)
        projects.append(
            {
                "name": str(columns["name"][i])[:200],
                "kind": str(columns["kind"][i] or "")[:50],
                "funding_source": str(columns["funding_source"][i] or "")[:100],
                "remark": str(columns["remark"][i] or "")[:255],
                "state": state,
                "budget_wan": money(budgets[i]),
                "starts_in": year(starts[i]),
                "ends_in": year(ends[i]),
                "geom": geom,
            }
        )
    return projects, issues


def money(value: float | None) -> Decimal | None:
    try:
        return None if value is None or not 0 <= value < 10**9 else Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None


def year(value: float | None) -> int | None:
    return int(value) if value is not None and 1900 <= value <= 2200 else None


def digest_of(draft: Draft) -> str:
    """SHA-256 over the content in file order: the same content always has the same digest."""
    digest = hashlib.sha256()
    for code, wkb in zip(draft.codes, shapely.to_wkb(draft.geoms), strict=True):
        digest.update(code.encode() + b"\0" + wkb)
    for project in draft.projects:
        text = "\0".join(str(project[k]) for k in sorted(project) if k != "geom")
        digest.update(text.encode() + (shapely.to_wkb(project["geom"]) if project["geom"] is not None else b""))
    return digest.hexdigest()


def plan_name(village: Village) -> str:
    """The plan's official title: data, so it is Chinese whoever uploads the file."""
    return f"{village.short_name}村庄规划（{village.base_year + 1}—{Plan._meta.get_field('target_year').default}年）"


@transaction.atomic
def write(draft: Draft, village: Village, *, by: User | None, note: str, upload: Upload | None) -> PlanVersion:
    """Write a checked draft as the next version of the village's plan, close it, and start its computation."""
    Village.objects.select_for_update().get(pk=village.pk)  # two imports at once get different numbers
    plan = village.plans.first() or Plan.objects.create(village=village, name=plan_name(village))
    for older in plan.versions.filter(state=State.DRAFT):
        workflow.move(older, "supersede", by=None)
    last = plan.versions.order_by("-number").first()
    version = PlanVersion.objects.create(
        plan=plan, number=(last.number if last else 0) + 1, note=note, created_by=by, upload=upload
    )
    rows = zip(
        range(1, len(draft.codes) + 1),
        draft.codes,
        draft.labels,
        draft.areas,
        draft.remarks,
        copy.as_hex(draft.geoms),
        strict=True,
    )
    copy.copy_rows(
        Zone, ["version", "number", "code", "label", "file_area_m2", "remark", "geom"],
        ((version.pk, n, code, str(label or "")[:50], area, str(remark or "")[:255], geom) for n, code, label, area, remark, geom in rows),
    )  # fmt: skip
    fields = ["name", "kind", "budget_wan", "funding_source", "starts_in", "ends_in", "state", "remark"]
    geoms = copy.as_hex(np.array([p["geom"] for p in draft.projects], object)) if draft.projects else []
    copy.copy_rows(
        Project, ["version", "number", *fields, "geom"],
        ((version.pk, n, *(p[f] for f in fields), geom) for n, (p, geom) in enumerate(zip(draft.projects, geoms, strict=True), 1)),
    )  # fmt: skip
    version.digest = digest_of(draft)
    version.save(update_fields=["digest"])
    record(
        "version.imported",
        version,
        by=by,
        after={"digest": version.digest, "zones": len(draft.codes), "number": version.number},
    )
    jobs.start("indicators.judge_version", by=by, version=version.pk)
    return version
