"""Conflicts carried over: from computation to computation by their key, from version to version as new, still there, fixed."""

import json
from functools import lru_cache
from pathlib import Path

import shapely
from django.db.models import Q, QuerySet

from indicators.compute.carrying import Conflict, Name, names, new_key, unused
from planning.models import Finding, PlanVersion
from planning.waived import UNDECIDED, as_shape

DATA = Path(__file__).resolve().parent / "data" / "carrying_national.json"


@lru_cache
def same_conflict_share() -> float:
    """The share of the smaller shape that must overlap for two findings to be the same conflict."""
    return float(json.loads(DATA.read_text(encoding="utf-8"))["same_conflict_share"])


def before(version: PlanVersion) -> PlanVersion | None:
    """The version its conflicts are held against: the one with the highest number below it that was checked."""
    older = PlanVersion.objects.filter(plan=version.plan_id, number__lt=version.number, checked_at__isnull=False)
    return older.order_by("-number").first()


def after(version: PlanVersion) -> PlanVersion | None:
    """The checked version that is held against this one, if it is not decided yet."""
    newer = PlanVersion.objects.filter(plan=version.plan_id, number__gt=version.number, checked_at__isnull=False)
    found = newer.order_by("number").first()
    return found if found and found.state in UNDECIDED else None


def conflict_of(finding: Finding, label: str, shape: shapely.Geometry | None) -> Conflict:
    """What identifies a finding. The category is the one it was found as, so that an exception changes nothing."""
    return Conflict(
        finding.code,
        finding.found_as or finding.category,
        finding.subject,
        label,
        shape,
        finding.key,
        finding.first_version,
    )


def conflicts_of(version: PlanVersion | None) -> list[Conflict]:
    """The findings of a version as they are stored."""
    return [] if version is None else [stored(finding) for finding in rows_of(version)]


def rows_of(version: PlanVersion) -> QuerySet[Finding]:
    return version.findings.select_related("zone").defer("zone__geom", "zone__geom_web").order_by("number")


def stored(finding: Finding) -> Conflict:
    return conflict_of(finding, finding.zone.label if finding.zone else "", as_shape(finding.geom))


def carry(
    version: PlanVersion,
    older: PlanVersion | None,
    findings: list[Finding],
    conflicts: list[Conflict],
    own: list[Conflict],
) -> None:
    """Give findings their key, and say of each whether the version before had it; `own` are those they take the place of."""
    name_unnamed(older)
    earlier = conflicts_of(older)
    for finding, name in zip(findings, names(conflicts, own, earlier, same_conflict_share()), strict=True):
        set_name(finding, name, earlier, version.number, held_against=older is not None)


def name_unnamed(version: PlanVersion | None) -> None:
    """Findings from the time before conflicts had names get theirs when a newer version is held against them."""
    unnamed = list(rows_of(version).filter(key="")) if version else []
    taken = set(version.findings.values_list("key", flat=True)) if unnamed else set()
    for finding in unnamed:
        finding.key = unused(new_key(stored(finding)), taken)
        taken.add(finding.key)
    Finding.objects.bulk_update(unnamed, ["key"], batch_size=500)


def set_name(finding: Finding, name: Name, earlier: list[Conflict], number: int, *, held_against: bool) -> None:
    origins = [earlier[at] for at in name.goes_on]
    finding.key = name.key
    finding.carried_from = sorted({origin.key for origin in origins if origin.key})
    finding.first_version = min((origin.first for origin in origins if origin.first), default=number)
    if not held_against:
        finding.carried = ""
    else:
        finding.carried = Finding.Carried.STILL if origins else Finding.Carried.NEW


def carry_again(version: PlanVersion, older: PlanVersion) -> None:
    """After the version before was computed (again): what this one's findings say of it. Their keys stay."""
    findings = list(rows_of(version))
    conflicts = [stored(finding) for finding in findings]
    carry(version, older, findings, conflicts, conflicts)
    Finding.objects.bulk_update(findings, ["key", "carried", "carried_from", "first_version"], batch_size=500)


def fixed(version: PlanVersion, older: PlanVersion | None = None) -> QuerySet[Finding]:
    """Findings of the version before that nobody of this one goes on from: fixed (已消除). Only of a checked version;
    `older` is the version before, for those who have read it already."""
    older = (older or before(version)) if version.checked_at else None
    if older is None:
        return Finding.objects.none()
    carried = {key for keys in version.findings.values_list("carried_from", flat=True) for key in keys}
    return older.findings.filter(~Q(key__in=carried)).select_related("zone", "version")
