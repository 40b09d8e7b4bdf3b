"""Itemised returns (退回清单): each point names a zone, a rule or a page; the next version answers it, the county settles it."""

import json
from collections.abc import Sequence
from typing import Any

import shapely
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from planning import conflicts, gates, issue_texts, reviews, workflow
from planning.models import DECIDED, ENDED, ItemAnswer, PlanVersion, ReturnItem, State, Zone
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User

MOST_ITEMS = 200
TEXT_CHARS = 2000
MOST_VERTICES = 2000  # of a suggested outline
NEAR_DEGREES = 0.01  # about a kilometre: how far outside the village a suggested outline may reach


@transaction.atomic
def return_with_items(version: PlanVersion, items: Sequence[dict[str, Any]], *, by: User, note: str) -> PlanVersion:
    """Return a version with its points, both or neither. A point has `text` and `zone` (its number), `rule` or `page`;
    `suggestion` is a GeoJSON polygon of how the zone should run."""

    def bring(locked: PlanVersion) -> None:
        if not items:
            raise PortalError(_("Please list at least one point: a zone, a rule or a page, and what is to be changed."),
                              code="items")  # fmt: skip
        if len(items) > MOST_ITEMS:
            raise PortalError(_("At most %(limit)d points.") % {"limit": MOST_ITEMS}, code="items")
        rows = [checked(locked, number, item, by) for number, item in enumerate(items, 1)]
        ReturnItem.objects.bulk_create(rows)

    moved = workflow.move(version, "return", by=by, note=note, bring=bring)
    record("version.return_listed", moved, by=by, after={"items": len(items)})
    return moved


def checked(version: PlanVersion, number: int, item: dict[str, Any], by: User) -> ReturnItem:
    """One point as it is kept; PortalError names its number."""
    try:
        zone = zone_of(version, item.get("zone"))
        rule, page = str(item.get("rule") or "").strip().upper(), str(item.get("page") or "").strip()[:100]
        if rule and rule not in conflicts.CHECKS and rule not in issue_texts.RULES:
            raise PortalError(_("There is no rule %(rule)s.") % {"rule": rule[:20]}, code="rule")
        if zone is None and not rule and not page:
            raise PortalError(_("Please name a zone, a rule or a page."), code="place")
        return ReturnItem(
            version=version, number=number, zone=zone, rule=rule, page=page, text=words(item.get("text")),
            suggestion=outline(version, item.get("suggestion")), by=by,
        )  # fmt: skip
    except PortalError as error:
        text = _("Point %(number)d: %(error)s") % {"number": number, "error": error.message}
        raise PortalError(text, code=error.code, data={"item": number}) from error


def zone_of(version: PlanVersion, number: int | None) -> Zone | None:
    if number is None or number == "":
        return None
    if zone := version.zones.defer("geom", "geom_web").filter(number=number).first():
        return zone
    raise PortalError(_("This version has no zone %(number)s.") % {"number": number}, code="zone")


def words(text: Any, limit: int = TEXT_CHARS) -> str:
    text = str(text or "").replace("\x00", "").strip()
    if not text or len(text) > limit:
        raise PortalError(_("Please write 1 to %(limit)d characters.") % {"limit": limit}, code="text")
    return text


def outline(version: PlanVersion, suggestion: Any) -> dict[str, Any] | None:
    """A suggested outline: a proper polygon, not far outside the village."""
    if not suggestion:
        return None
    try:
        shape = shapely.from_geojson(json.dumps(suggestion))
    except (shapely.errors.GEOSException, TypeError, ValueError, RecursionError) as error:
        raise PortalError(_("The suggested outline is no GeoJSON polygon."), code="suggestion") from error
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise PortalError(_("The suggested outline is no GeoJSON polygon."), code="suggestion")
    if shapely.get_num_coordinates(shape) > MOST_VERTICES or not shape.is_valid:
        raise PortalError(
            _("The suggested outline crosses itself or has more than %(limit)d points.") % {"limit": MOST_VERTICES},
            code="suggestion",
        )
    west, south, east, north = version.village.geom.extent
    box = shapely.box(west - NEAR_DEGREES, south - NEAR_DEGREES, east + NEAR_DEGREES, north + NEAR_DEGREES)
    if not box.contains(shape):
        raise PortalError(_("The suggested outline lies outside the village."), code="suggestion")
    return json.loads(shapely.to_geojson(shape))


def before(version: PlanVersion) -> QuerySet[ReturnItem]:
    """Points of all returns before a version, with their answers: what this version has to answer."""
    items = ReturnItem.objects.filter(version__plan=version.plan_id, version__number__lt=version.number)
    return items.select_related("version", "zone", "by", "answer__by", "answer__settled_by", "answer__version").defer(
        "zone__geom", "zone__geom_web"
    ).order_by("version__number", "number")  # fmt: skip


def may_answer(user: User, version: PlanVersion) -> bool:
    """Whether the person answers points of returns in this version now."""
    return version.state == State.DRAFT and user.has_perm("planning.answer_return", version)


@transaction.atomic
def answer(item: ReturnItem, version: PlanVersion, *, by: User, accepted: bool, reason: str = "") -> ItemAnswer:
    """Say how a draft deals with a point of a return before it. Until the county has accepted it, it may be said anew:
    each saying stays on the record."""
    version = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
    if not by.has_perm("planning.answer_return", version):
        raise NotAllowed(_("Only the village’s committee or its planner answers the points of a return."))
    if item.version.plan_id != version.plan_id or item.version.number >= version.number:
        raise PortalError(_("This point belongs to no return before this version."), code="item")
    if version.state != State.DRAFT:
        raise Conflict(_("Points are answered while the version is a draft."), code="wrong_state")
    known = ItemAnswer.objects.select_for_update().filter(item=item).first()
    if known and known.settled:
        raise Conflict(_("The county has accepted the answer to this point; it stays."), code="settled")
    reason = reason.replace("\x00", "").strip()
    if not accepted and not reason:
        raise PortalError(_("Please give the reason why this point is refused."), code="reason")
    if len(reason) > TEXT_CHARS:
        raise PortalError(_("Please write 1 to %(limit)d characters.") % {"limit": TEXT_CHARS}, code="reason")
    fields = {
        "version": version, "accepted": accepted, "reason": reason, "by": by, "settled": None, "settled_note": "",
        "settled_by": None, "settled_at": None,
    }  # fmt: skip
    row, _made = ItemAnswer.objects.update_or_create(item=item, defaults=fields)
    said = {"item": item.number, "of_version": item.version.number, "accepted": accepted, "reason": reason}
    record("return_item.answered", version, by=by, before=as_said(known), after=said)
    return row


def as_said(known: ItemAnswer | None) -> dict[str, Any]:
    """What was answered before, for the record."""
    if known is None:
        return {}
    return {
        "accepted": known.accepted, "reason": known.reason, "settled": known.settled, "settled_note": known.settled_note
    }  # fmt: skip


def may_settle(user: User, version: PlanVersion) -> bool:
    """Whether the person settles answers given in this version now."""
    handed_on = version.state not in (State.DRAFT, *DECIDED, *ENDED)
    return handed_on and user.has_perm("planning.settle_return", version) and not reviews.handed_in(user, version)


@transaction.atomic
def settle(item: ReturnItem, *, by: User, accepted: bool, note: str = "", at: PlanVersion | None = None) -> ItemAnswer:
    """The county accepts the answer to a point, or refuses it with reasons: then the next version must answer again.

    `at` is the version whose page or address it was done at: an answer is settled where it was given.
    """
    if not by.has_perm("planning.settle_return", item.version):
        raise NotAllowed(_("Only a reviewer or leader of the county settles the points of a return."))
    row = ItemAnswer.objects.filter(item=item).select_related("version").first()
    if row is None:
        raise Conflict(_("This point has no answer yet."), code="unanswered")
    if at is not None and row.version_id != at.pk:
        raise Conflict(
            _("This point is answered in version %(number)s: please settle it there.") % {"number": row.version.number},
            code="other_version",
        )
    version = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=row.version_id)
    row = ItemAnswer.objects.select_for_update().get(item=item)
    if reviews.handed_in(by, version):
        raise NotAllowed(_("Whoever handed in a plan may not settle the points of its return."), code="own_plan")
    if not may_settle(by, version):
        raise Conflict(
            _("Answers are settled after the version was handed on and before it is decided; it is “%(state)s” now.")
            % {"state": version.get_state_display()},
            code="wrong_state",
        )
    if row.settled:
        raise Conflict(_("The county has accepted the answer to this point; it stays."), code="settled")
    note = note.replace("\x00", "").strip()[:500]
    if not accepted and not note:
        raise PortalError(_("Please give the reasons."), code="note_missing")
    before = {"settled": row.settled, "settled_note": row.settled_note}
    row.settled, row.settled_note, row.settled_by, row.settled_at = accepted, note, by, timezone.now()
    row.save(update_fields=["settled", "settled_note", "settled_by", "settled_at"])
    said = {"item": item.number, "of_version": item.version.number, "settled": accepted, "settled_note": note}
    record("return_item.settled", version, by=by, before=before, after=said)
    return row


def open_count(version: PlanVersion) -> int:
    """How many points of earlier returns still stand in the way of an approval."""
    return gates.unsettled_items(version).count()
