"""A checked draft becomes a version, in one transaction; from then on it never changes."""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import shapely
from django.db import transaction

from planning import generalised, workflow
from planning.judging import Draft
from planning.models import Plan, PlanFeature, PlanVersion, Project, State, Step, Zone
from portal import jobs
from portal.audit import record
from portal.geo import copy, crs
from portal.models import Upload, User
from villages.models import Village

LAYER_CHARS = 60
PROJECT_FIELDS = ["name", "kind", "budget_wan", "funding_source", "starts_in", "ends_in", "state", "remark"]


EDITION = 2
"""of the digest; versions frozen by edition 1 were frozen without what `zone_words` says"""


def digest_of(draft: Draft, *, edition: int = EDITION) -> str:
    """SHA-256 over the content in file order: the same content always has the same digest."""
    digest = hashlib.sha256()
    for code, wkb, words in zip(draft.codes, copy.as_wkb(draft.geoms), zone_words(draft), strict=True):
        digest.update(code.encode() + b"\0" + wkb)
        if edition > 1:
            label, _stated, remark, _file_code, kept = (
                words  # one plan may come in files that write classes in other ways
            )
            digest.update(canonical([label, remark, kept]).encode())
    for project in draft.projects:
        text = "\0".join(str(project[k]) for k in sorted(project) if k != "geom")
        digest.update(text.encode() + _wkb(project["geom"]))
    for features in draft.features:
        if features.attributes:  # an empty layer leaves no row, and the digest must follow from the rows
            digest.update(features.layer[:LAYER_CHARS].encode())
        for attributes, geom in zip(features.attributes, features.geoms, strict=True):
            digest.update(canonical(attributes).encode() + _wkb(geom))
    return digest.hexdigest()


def zone_words(draft: Draft) -> Iterator[tuple[str, float | None, str, str, dict[str, Any]]]:
    """What is kept of each zone beside class and outline: label, area in the file (m²), remark, class in the file, the rest."""
    rows = zip(draft.labels, draft.areas, draft.remarks, draft.file_codes, draft.attributes, strict=True)
    for label, stated, remark, file_code, kept in rows:
        yield str(label or "")[:50], stated, str(remark or "")[:255], file_code[:30], kept


def canonical(value: Any) -> str:
    """JSON of what the database gives back as it was given."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def layout_of(draft: Draft) -> str:
    """SHA-256 over codes and shapes of the zones, in an order of their own: what a public notice shows of the land."""
    zones = sorted(code.encode() + b"\0" + wkb for code, wkb in zip(draft.codes, copy.as_wkb(draft.geoms), strict=True))
    return hashlib.sha256(b"\0".join(zones)).hexdigest()


def _wkb(geom: shapely.Geometry | None) -> bytes:
    return b"" if geom is None else shapely.to_wkb(geom)


def plan_name(village: Village) -> str:
    """The plan's official title: data, so it is Chinese whoever uploads the file."""
    return f"{village.short_name}村庄规划（{village.base_year + 1}—{Plan._meta.get_field('target_year').default}年）"


@transaction.atomic
def write(
    draft: Draft, village: Village, *, by: User | None, note: str = "", upload: Upload | None = None,
    report: dict[str, Any] | None = None, based_on: PlanVersion | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> PlanVersion:  # fmt: skip
    """Write a checked draft as the next version of the village's plan, close it, and start its computation.

    `progress` is told the share (0..1) of the rows that is on its way; what it raises leaves nothing behind.
    """
    Village.objects.select_for_update().get(pk=village.pk)  # two imports at once get different numbers
    plan = village.plans.first() or Plan.objects.create(village=village, name=plan_name(village))
    for older in plan.versions.filter(state=State.DRAFT):
        workflow.move(older, "supersede", by=None)
    last = plan.versions.order_by("-number").first()
    version = PlanVersion.objects.create(
        plan=plan, number=(last.number if last else 0) + 1, note=note, created_by=by, upload=upload, report=report or {},
        based_on=based_on,
    )  # fmt: skip
    rows = len(draft.codes) + sum(len(features.attributes) for features in draft.features)
    before = 0

    def written(count: int) -> None:
        progress((before + count) / max(rows, 1))

    write_zones(version, draft, written)
    write_projects(version, draft.projects)
    before = len(draft.codes)
    for features in draft.features:
        write_features(version, features, written)
        before += len(features.attributes)
    version.layout = layout_of(draft)
    version.digest = digest_of(draft)
    version.save(update_fields=["digest", "layout"])
    Step.objects.create(
        version=version, name="hand_in", from_state=State.COMMISSIONED, to_state=State.DRAFT, by=by, note=note
    )
    after = {"digest": version.digest, "zones": len(draft.codes), "number": version.number}
    record("version.imported", version, by=by, after=after)
    jobs.start("indicators.judge_version", by=by, version=version.pk)
    generalised.prepare(version)
    return version


def write_zones(version: PlanVersion, draft: Draft, written: Callable[[int], None]) -> None:
    measured = areas(draft.geoms) if draft.measured is None else draft.measured.tolist()
    rows = zip(
        range(1, len(draft.codes) + 1), draft.codes, zone_words(draft), measured, copy.as_hex(draft.geoms), strict=True
    )
    copy.copy_rows(
        Zone,
        ["version", "number", "code", "label", "file_area_m2", "remark", "file_code", "attributes", "area_m2", "geom"],
        (
            (version.pk, n, code, label, stated, remark, file_code, as_json(kept), area, geom)
            for n, code, (label, stated, remark, file_code, kept), area, geom in rows
        ),
        written,
    )  # fmt: skip


def areas(geoms: np.ndarray) -> Iterator[float]:
    """Ellipsoidal areas 椭球面积 in m²; a piece at a time, for a county's vertices at once would take a gigabyte."""
    for start in range(0, len(geoms), 5000):
        yield from crs.area_m2(geoms[start : start + 5000]).tolist()


def write_projects(version: PlanVersion, projects: list[dict[str, Any]]) -> None:
    geoms = copy.as_hex(np.array([p["geom"] for p in projects], object)) if projects else []
    copy.copy_rows(
        Project,
        ["version", "number", *PROJECT_FIELDS, "geom"],
        ((version.pk, n, *(p[f] for f in PROJECT_FIELDS), g) for n, (p, g) in enumerate(zip(projects, geoms, strict=True), 1)),
    )  # fmt: skip


def write_features(version: PlanVersion, features: Any, written: Callable[[int], None]) -> None:
    rows = zip(features.attributes, copy.as_hex(features.geoms), strict=True)
    copy.copy_rows(
        PlanFeature,
        ["version", "layer", "number", "attributes", "geom"],
        ((version.pk, features.layer[:LAYER_CHARS], n, as_json(kept), geom) for n, (kept, geom) in enumerate(rows, 1)),
        written,
    )


def as_json(attributes: dict[str, Any]) -> str:
    return json.dumps(attributes, ensure_ascii=False, default=str) if attributes else "{}"
