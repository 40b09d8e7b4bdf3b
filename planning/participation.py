"""Comments of residents and the answers of the committee."""

from django.contrib.gis.geos import Point
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from planning.models import Comment, PlanVersion, Reply, State, Zone
from portal import notify
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import Role, User


@transaction.atomic
def post_comment(
    version: PlanVersion,
    *,
    by: User,
    text: str,
    zone: int | None = None,
    lon: float | None = None,
    lat: float | None = None,
    once: str = "",
) -> Comment:
    """Add a comment to a version in public notice, pinned to a zone (its number) or a place (lon, lat, EPSG:4490) if given.

    `once` is a key of the sender's choice: the same key gives the same comment again, not a second one.
    """
    if once:  # two clicks at once wait for each other; the second finds the comment of the first
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        if known := Comment.objects.filter(author=by, once=once[:40]).first():
            return known
    if not by.has_perm("planning.comment", version):
        raise NotAllowed(_("Please sign in to comment."))
    version = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
    # the notice ends with its last day, whenever somebody comes to close it
    if version.state != State.NOTICE or timezone.localdate() > version.notice.closes_on:
        raise Conflict(_("Comments are taken only while the plan is in public notice."), code="notice_closed")
    text = text.replace("\x00", "").strip()
    if not text or len(text) > 2000:
        raise PortalError(_("Please write a comment of 1 to 2000 characters."), code="text")
    comment = Comment.objects.create(
        version=version, author=by, text=text, once=once[:40], zone=_zone(version, zone), geom=_place(version, lon, lat)
    )
    record("comment.posted", comment, by=by, after={"version": version.pk, "zone": zone, "text": text})
    notify.tell(  # once a day, however many residents write
        notify.holders([Role.COMMITTEE], version.division_code), "comment_new", once=f"comments:{version.pk}:{timezone.localdate()}",
        url=f"{reverse('review', args=[version.pk])}#comments", plan=version.plan.name, number=version.number,
    )  # fmt: skip
    return comment


def _zone(version: PlanVersion, number: int | None) -> Zone | None:
    if number is None:
        return None
    if zone := version.zones.filter(number=number).first():
        return zone
    raise PortalError(_("This version has no zone %(number)s.") % {"number": number}, code="zone")


def _place(version: PlanVersion, lon: float | None, lat: float | None) -> Point | None:
    """The pin, if it lies in the village or at most about a kilometre outside it."""
    if lon is None or lat is None:
        return None
    point = Point(lon, lat, srid=4490)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90) or version.plan.village.geom.distance(point) > 0.01:
        raise PortalError(_("The place lies outside the village."), code="place")
    return point


@transaction.atomic
def reply(comment: Comment, *, by: User, text: str) -> Reply:
    """Answer a comment officially; every answer stays and is public."""
    if not by.has_perm("planning.reply", comment):
        raise NotAllowed(_("Only the village committee or the township may answer."))
    text = text.replace("\x00", "").strip()
    if not text or len(text) > 2000:
        raise PortalError(_("Please write an answer of 1 to 2000 characters."), code="text")
    answer = Reply.objects.create(comment=comment, author=by, text=text)
    record("comment.answered", comment, by=by, after={"text": text})
    if comment.author_id != by.pk:
        page = f"{reverse('version', args=[comment.version_id])}#comment-{comment.pk}"
        notify.tell([comment.author], "comment_answered", url=page, plan=comment.version.plan.name)
    return answer
