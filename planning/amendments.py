"""Amendments (规划修改): which procedure a changed plan must go through at least, judged by what its zones differ in."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db import transaction
from django.db.models import CharField, Func
from django.utils.translation import gettext as _

from planning import binding
from planning.models import PlanVersion, State, Track, Zone
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.geo import crs
from portal.models import AuditEntry, User
from villages.models import ControlLine

# lines whose change makes an amendment a major one (重大修改)
BINDING_LINES = ("YJJBNT", "STBHHX")
# m² of another class that still count as the fitting of an outline (边界衔接); the portal's own value
FITTING_M2 = 1.0
EMPTY = shapely.Polygon()
# from the shortest procedure to the whole one
LENGTH = {Track.MAINTENANCE: 0, Track.LOCAL: 1, Track.FULL: 2}


@dataclass(frozen=True)
class Judgement:
    """The shortest procedure an amendment may take, the sentence that says why, and the area that gets another class."""

    track: Track
    why: str
    moved_m2: float = 0.0


def in_force(version: PlanVersion) -> PlanVersion | None:
    """The version of the plan that is in force now, if there is one and it is another."""
    return version.plan.versions.filter(state=State.IN_FORCE).exclude(pk=version.pk).first()


def least_track(version: PlanVersion) -> Judgement:
    """How short the procedure may be: by the zones that differ from the version in force, the lines they touch, and the
    binding indicators that get worse."""
    before = version.amends or in_force(version)
    if before is None:
        return Judgement(
            Track.FULL, _("No version of this plan is in force yet: a new plan takes the whole procedure.")
        )
    if type_approved(before) not in (None, version.village.type):
        return Judgement(Track.FULL, _("The type of the village changed since: a major amendment."))
    if before.layout and before.layout == version.layout:
        return Judgement(Track.MAINTENANCE, _("The zones are those of the plan in force."))
    moved = moved_pieces(before, version)
    area = float(crs.area_m2(moved).sum()) if len(moved) else 0.0
    if touched := lines_touched(version, moved):
        return Judgement(
            Track.FULL,
            _("Zones change inside a line that binds (%(lines)s): a major amendment.")
            % {"lines": _(", ").join(touched)},
            area,
        )
    if worse := binding.worsened(before, version):
        told = {"indicators": _(", ").join(worse)}
        return Judgement(
            Track.FULL, _("Binding indicators are worse than in the plan in force (%(indicators)s): a major amendment.") % told,
            area,
        )  # fmt: skip
    if area > FITTING_M2:
        told = {"area": f"{area:,.0f}"}
        return Judgement(Track.LOCAL, _("%(area)s m² get another class: a local adjustment.") % told, area)
    return Judgement(Track.MAINTENANCE, _("Outlines are fitted, no land gets another class."), area)


def type_approved(version: PlanVersion) -> str | None:
    """The type of the village when a version was approved, as the record of that step says; None where it does not."""
    entry = (
        AuditEntry.objects.filter(object_type=PlanVersion._meta.label, object_id=version.pk, verb="version.approve")
        .order_by("id")
        .last()
    )
    return entry and entry.after.get("village_type")


def moved_pieces(before: PlanVersion, after: PlanVersion) -> np.ndarray:
    """Polygons whose land has another class than before, or none before, or none any more; only zones that differ are read."""
    gone, come = changed_zones(before, after)
    old, new = by_class(gone), by_class(come)
    pieces = [
        shapely.difference(shape, new.get(code, EMPTY)) for code, shape in old.items()
    ] + [shapely.difference(shape, old.get(code, EMPTY)) for code, shape in new.items()]  # fmt: skip
    # a place that changed its class is in both lists: once as what went, once as what came
    moved = shapely.union_all([piece for piece in pieces if not piece.is_empty])
    parts = shapely.get_parts(np.array([moved], object))
    return parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]


def changed_zones(before: PlanVersion, after: PlanVersion) -> tuple[list[Zone], list[Zone]]:
    """Zones of two versions that have no twin of the same class and shape in the other."""
    there = [
        Counter(version.zones.annotate(shape=Digest("geom")).values_list("code", "shape")) for version in (before, after)
    ]  # fmt: skip
    both = there[0] & there[1]
    return tuple(
        [
            zone for zone in version.zones.annotate(shape=Digest("geom")).only("code", "geom")
            if (zone.code, zone.shape) not in both
        ]
        for version in (before, after)
    )  # fmt: skip


class Digest(Func):
    """MD5 of a geometry as it is stored: equal shapes are found without reading them."""

    template = "md5(ST_AsBinary(%(expressions)s))"
    output_field = CharField()


def by_class(zones: list[Zone]) -> dict[str, shapely.Geometry]:
    """One shape for each class."""
    shapes: dict[str, list[Any]] = {}
    for zone in zones:
        shapes.setdefault(zone.code, []).append(shapely.from_wkb(bytes(zone.geom.wkb)))
    return {code: shapely.union_all(found) for code, found in shapes.items()}


def lines_touched(version: PlanVersion, moved: np.ndarray) -> list[str]:
    """Names of the binding lines inside which land gets another class."""
    lines = version.village.control_lines.valid_on().filter(kind__in=BINDING_LINES)
    found = []
    for kind in BINDING_LINES:
        shapes = [shapely.from_wkb(bytes(line.geom.wkb)) for line in lines if line.kind == kind]
        inside = shapely.intersection(moved, shapely.union_all(shapes)) if shapes and len(moved) else []
        if len(inside) and float(crs.area_m2(inside).sum()) > FITTING_M2:
            found.append(str(ControlLine.Kind(kind).label))
    return found


def too_short(version: PlanVersion) -> str | None:
    """Why the procedure a version has chosen is too short; None if it may take it."""
    before = in_force(version)
    if before is None or version.amends_id != before.pk:
        return _("A shorter procedure is only for the amendment of the plan in force.")
    least = least_track(version)
    if LENGTH[version.track] >= LENGTH[least.track]:
        return None
    return _("“%(track)s” is too short a procedure for this amendment. %(why)s") % {
        "track": version.get_track_display(), "why": least.why
    }  # fmt: skip


def may_choose(user: User, version: PlanVersion) -> bool:
    """Whether the person may say which procedure a version takes now."""
    return version.state == State.DRAFT and user.has_perm("planning.choose_track", version)


@transaction.atomic
def choose_track(version: PlanVersion, track: str, *, by: User) -> PlanVersion:
    """Say, while a version is a draft, which procedure it takes; a shorter one names the version in force as the one it amends."""
    version = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
    if not by.has_perm("planning.choose_track", version):
        raise NotAllowed(_("Only the village’s committee, its planner or the township chooses the procedure."))
    if version.state != State.DRAFT:
        raise Conflict(_("The procedure can be chosen only while the version is a draft."), code="wrong_state")
    if track not in Track.values:
        raise PortalError(_("There is no such procedure."), code="track")
    before = {"track": version.track, "amends": version.amends_id}
    version.track, version.amends = Track(track), in_force(version)
    if text := too_short(version) if version.track != Track.FULL else None:
        raise Conflict(text, code="track_too_short", data={"least": least_track(version).track})
    version.save(update_fields=["track", "amends"])
    after = {"track": version.track, "amends": version.amends_id}
    record("version.track_chosen", version, by=by, before=before, after=after)
    return version
