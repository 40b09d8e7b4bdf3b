"""How far an authorised exception (授权例外) goes: as far as the conflict it was granted for, and no further.

A real conflict is covered by a confirmed exception of the plan for the same check and the same land use, if it lies within
the shape of then. What reaches beyond may not be more than the rule of the division allows (WorkflowRule: m² and per cent,
both). A conflict without a shape must have the same subject and be no larger. What is not covered stays real and says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils import timezone

from planning import generalised
from planning.models import DECIDED, ENDED, Finding, Plan, PlanVersion, State, Waiver, WorkflowRule

UNDECIDED = tuple(state for state in State if state not in (*DECIDED, *ENDED))
MADE_HERE = ("waiver_outgrown", "waiver_why")
"""keys of Finding.detail that say which exception does not reach far enough, and why: area, land_use"""


@dataclass(frozen=True)
class Granted:
    """A confirmed exception with its shape, and how far a conflict may reach beyond it."""

    waiver: Waiver
    shape: shapely.Geometry | None
    more_m2: float
    more_percent: float

    def lacking(self, finding: Finding, shape: shapely.Geometry | None, land_use: str) -> str:
        """Why it does not cover a conflict of its check: `elsewhere`, `land_use`, `area`; empty if it does."""
        waiver = self.waiver
        if finding.subject != waiver.subject or (shape is None) != (self.shape is None):
            return "elsewhere"
        own = waiver.key in (finding.key, *finding.carried_from)
        if shape is None:
            beyond = finding.area_m2 - waiver.area_m2
        else:
            outside = beyond_share(shape, self.shape)
            if outside >= 1 and not own:
                return "elsewhere"
            beyond = finding.area_m2 * outside
        if waiver.land_use != land_use:
            return "land_use"
        allowed = min(self.more_m2, waiver.area_m2 * self.more_percent / 100)
        return "area" if beyond > allowed else ""


def beyond_share(shape: shapely.Geometry, granted: shapely.Geometry) -> float:
    """The share (0..1) of a shape that lies outside another one; a ratio of areas, so degrees will do."""
    if shape.equals_exact(granted, 0) or not shape.area:
        return 0.0
    return shapely.difference(proper(shape), proper(granted)).area / shape.area


def proper(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shape.is_valid else shapely.make_valid(shape)


def granted_to(plan: Plan) -> dict[str, list[Granted]]:
    """The confirmed exceptions of a plan by check, the oldest first."""
    rows = plan.waivers.filter(state=Waiver.State.CONFIRMED).order_by("decided_at", "pk")
    rule = WorkflowRule.for_division(plan.village_id, timezone.localdate())
    found: dict[str, list[Granted]] = {}
    for row in rows:
        granted = Granted(row, as_shape(row.geom), rule.exception_more_m2, rule.exception_more_percent)
        found.setdefault(row.code, []).append(granted)
    return found


def as_shape(geom: Any) -> shapely.Geometry | None:
    """A geometry of the database as shapely's."""
    return None if geom is None else shapely.from_wkb(bytes(geom.wkb))


def sort(
    finding: Finding, shape: shapely.Geometry | None, land_use: str, granted: Mapping[str, Iterable[Granted]]
) -> None:
    """Give a finding its category from the one it was found as: an exception where one covers it."""
    finding.category, finding.waiver = finding.found_as or finding.category, None
    finding.detail = {key: value for key, value in finding.detail.items() if key not in MADE_HERE}
    if finding.category != Finding.Category.REAL:
        return
    for one in granted.get(finding.code, ()):
        lacking = one.lacking(finding, shape, land_use)
        if not lacking:
            finding.category, finding.waiver = Finding.Category.EXCEPTION, one.waiver
            finding.detail = {key: value for key, value in finding.detail.items() if key not in MADE_HERE}
            return
        if lacking != "elsewhere":
            finding.detail = {**finding.detail, "waiver_outgrown": one.waiver.pk, "waiver_why": lacking}


def apply(version: PlanVersion) -> int:
    """Sort the stored findings of a version again after an exception was confirmed or withdrawn; how many changed.

    The caller holds the lock of the version. The tiles of a version are named by the time of its check, so it moves on.
    """
    granted = granted_to(version.plan)
    changed = []
    for finding in version.findings.filter(found_as=Finding.Category.REAL).select_related("zone"):
        before = (finding.category, finding.waiver_id, finding.detail)
        sort(finding, as_shape(finding.geom), land_use_of(finding), granted)
        if before != (finding.category, finding.waiver_id, finding.detail):
            changed.append(finding)
    if changed:
        Finding.objects.bulk_update(changed, ["category", "waiver", "detail"])
        PlanVersion.objects.filter(pk=version.pk, checked_at__isnull=False).update(checked_at=timezone.now())
        generalised.changed(version)
    return len(changed)


def apply_to_plan(plan: Plan) -> int:
    """Sort the findings of all versions of a plan that are not decided yet, which the caller holds; decided ones are on
    record as they are."""
    return sum(apply(version) for version in plan.versions.filter(state__in=UNDECIDED).order_by("number"))


def land_use_of(finding: Finding) -> str:
    return finding.zone.code if finding.zone else ""


def stands_on(waiver: Waiver) -> PlanVersion | None:
    """The approved version whose approval rests on an exception."""
    return PlanVersion.objects.filter(plan=waiver.plan_id, state__in=DECIDED, findings__waiver=waiver).first()
