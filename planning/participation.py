"""Comments of residents and the answers of the committee."""

import datetime

from django.contrib.gis.geos import Point
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from planning import held, procedures
from planning.models import MODERATORS, Comment, PlanVersion, Reply, State, Zone
from portal import notify
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError, TooMany
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

    `once` is a key of the sender's choice: the same key gives the same comment again, not a second one. What the rules
    of the place hold for a look (planning.held) is kept and not public yet. TooMany: as many as a person may write today.
    """
    # what a person sends at once is taken one after the other: a second click finds the first, nobody writes past the limit
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if once and (known := Comment.objects.filter(author=by, once=once[:40]).first()):
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
    written = check_count(version, by)
    comment = Comment.objects.create(
        version=version, author=by, text=text, once=once[:40], zone=_zone(version, zone), geom=_place(version, lon, lat),
        **held.why(version, by, text),
    )  # fmt: skip
    said = {"held": comment.held_why} if comment.waits else {"text": text}  # the record is read by more than look at it
    record("comment.posted", comment, by=by, after={"version": version.pk, "zone": zone, **said})
    if written + 1 == procedures.of_version(version).comments["a_day"]:
        tell(MODERATORS, version, "comments_many", f"{by.pk}:{timezone.localdate()}")
    if comment.waits:
        tell(MODERATORS, version, "comment_held", str(timezone.localdate()), day=comment.look_by)
    else:
        tell_new(version)
    return comment


def check_count(version: PlanVersion, by: User) -> int:
    """How many comments the person has written on the plan today, in Asia/Shanghai; TooMany if no more are taken today."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    written = Comment.objects.filter(author=by, version__plan=version.plan_id, created_at__gte=midnight).count()
    if written >= procedures.of_version(version).comments["a_day"]:
        again = midnight + datetime.timedelta(days=1)
        raise TooMany(
            _("You have written %(count)d comments on this plan today, as many as one person may. From %(when)s on you can "
              "write again; nothing that you sent is lost.") % {"count": written, "when": f"{again:%Y-%m-%d %H:%M}"},
            code="comments_a_day", data={"again": again.isoformat(), "limit": written},
        )  # fmt: skip
    return written


def tell_new(version: PlanVersion) -> None:
    """The committee learns of new comments once a day, however many residents write."""
    tell((Role.COMMITTEE,), version, "comment_new", str(timezone.localdate()))


def tell(roles: tuple[str, ...], version: PlanVersion, kind: str, once: str, **more: object) -> None:
    notify.tell(
        notify.holders(roles, version.division_code), kind, once=f"{kind}:{version.pk}:{once}",
        url=f"{reverse('review', args=[version.pk])}#comments", plan=version.plan.name, number=version.number, **more,
    )  # fmt: skip


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
    if comment.waits:
        raise Conflict(_("The comment is not public yet: it waits for a look. Let it out first."), code="held")
    text = text.replace("\x00", "").strip()
    if not text or len(text) > 2000:
        raise PortalError(_("Please write an answer of 1 to 2000 characters."), code="text")
    answer = Reply.objects.create(comment=comment, author=by, text=text)
    record("comment.answered", comment, by=by, after={"text": text})
    if comment.author_id != by.pk:
        page = f"{reverse('version', args=[comment.version_id])}#comment-{comment.pk}"
        notify.tell([comment.author], "comment_answered", url=page, plan=comment.version.plan.name)
    return answer
