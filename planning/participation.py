"""Comments of residents, also those entered on behalf of somebody. Their answers: planning.answers."""

import datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from planning import held, household_limit, procedures, themes
from planning.comment_shapes import drawn_shape
from planning.models import ENDED, MODERATORS, Channel, Comment, PlanVersion, Project, State, Zone
from planning.photos import attach
from portal import notify, people, workdays
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError, TooMany
from portal.models import Consent, Role, User
from portal.templatetags.portal import day
from portal.written_numbers import starred_numbers


@transaction.atomic
def post_comment(
    version: PlanVersion,
    *,
    by: User,
    text: str,
    zone: int | None = None,
    project: int | None = None,
    lon: float | None = None,
    lat: float | None = None,
    shape: GEOSGeometry | None = None,
    photos: list[str] | None = None,
    once: str = "",
) -> Comment:
    """Add a comment to a version in public notice, pinned to a zone or a project (its number), to a place (lon, lat,
    EPSG:4490) or to what was drawn (`shape`, EPSG:4490), with photos sent before (planning.photos) if given.

    A place or an area is kept and shown with the consent `place`, put on record here in the same transaction; taken back
    (portal.people.take_back), all marks of the person go.

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
    about = _about(version, zone, project, lon, lat, shape)
    written = check_count(version, by)
    household_limit.count(version, by)
    if about["geom"]:  # the form says beside the map that a mark is public: whoever marks one agrees to that
        people.agree(by, Consent.Purpose.PLACE, by=by)
    comment = _keep(version, by, text, about, photos, once=once[:40])
    if written + 1 == procedures.of_version(version).comments["a_day"]:
        tell(MODERATORS, version, "comments_many", f"{by.pk}:{timezone.localdate()}")
    return comment


@transaction.atomic
def enter_comment(
    version: PlanVersion,
    *,
    by: User,
    channel: str,
    text: str,
    said_on: datetime.date,
    speaker: str = "",
    zone: int | None = None,
    project: int | None = None,
    lon: float | None = None,
    lat: float | None = None,
    shape: GEOSGeometry | None = None,
    photos: list[str] | None = None,
    once: str = "",
) -> Comment:
    """Enter a comment on behalf of somebody (代录): said at a village meeting or written on paper while the notice ran.

    It is marked so, counts like any other and is answered like any other. `speaker` is who said it, as far as told: sealed,
    shown masked. It may be entered after the notice ended or was broken off, for as many working days as the procedure says,
    until the plan is approved: what was handed in on the last day is heard too.
    """
    version = entering(version, by=by, channel=channel, said_on=said_on)
    if once and (known := version.comments.filter(once=once[:40], channel=channel).first()):
        return known
    about = _about(version, zone, project, lon, lat, shape)
    speaker = speaker_of(speaker)
    return _keep(version, by, text, about, photos, once=once[:40], channel=channel, said_on=said_on, speaker=speaker)


def entering(version: PlanVersion, *, by: User, channel: str, said_on: datetime.date) -> PlanVersion:
    """The version, locked, for who may enter there for others what was said on that day."""
    if not by.has_perm("planning.enter_comment", version):
        raise NotAllowed(_("Only the village committee, its planner or the township enters comments for others."))
    if channel not in (Channel.MEETING, Channel.PAPER):
        raise PortalError(_("Please say whether it was said at a meeting or written on paper."), code="channel")
    version = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
    if not takes_entries(version):
        raise Conflict(
            _("Comments are entered while the plan is in public notice and up to %(days)d working days after it, until the plan "
              "is approved.") % {"days": procedures.of_version(version).enter_within}, code="notice_closed",
        )  # fmt: skip
    opens, closes = version.notice.opens_on, min(heard_until(version), timezone.localdate())
    if not opens <= said_on <= closes:
        raise PortalError(
            _("The day must lie within the public notice, from %(first)s to %(last)s.")
            % {"first": day(opens), "last": day(closes)},
            code="said_on",
        )
    return version


def speaker_of(name: str) -> str:
    return name.replace("\x00", "").strip()[:50]


def takes_entries(version: PlanVersion) -> bool:
    """Whether what was said or written in the notice of a version may still be entered."""
    if not hasattr(version, "notice") or not PlanVersion.objects.undecided().filter(pk=version.pk).exists():
        return False
    days = procedures.of_version(version).enter_within
    return timezone.localdate() <= workdays.add(heard_until(version), days, version.division_code)


def heard_until(version: PlanVersion) -> datetime.date:
    """The last day on which people could say something: that of the notice, or the day on which a return broke it off."""
    closes = version.notice.closes_on
    return min(closes, timezone.localdate(version.steps.last().at)) if version.state in ENDED else closes


def _about(
    version: PlanVersion, zone: int | None, project: int | None, lon: float | None, lat: float | None,
    shape: GEOSGeometry | None,
) -> dict[str, Any]:  # fmt: skip
    """Fields that say what a comment is about."""
    pin = place_in(version, lon, lat)
    if shape is not None:
        shape = drawn_shape(version, shape)
        pin = pin or place_in(version, *shape.point_on_surface.coords)
    return {"zone": _zone(version, zone), "project": _project(version, project), "geom": pin, "shape": shape}


def _keep(
    version: PlanVersion, by: User, text: str, about: dict[str, Any], photos: list[str] | None, **more: Any
) -> Comment:
    """Store a comment with its photos, put it on record, and tell who has to know."""
    text = text_of(text, may_be_empty=bool(photos))  # a photo says as much as a sentence
    comment = Comment.objects.create(
        version=version, author=by, text=text, theme=themes.guess(text), **about, **more, **held.why(version, by, text)
    )
    if photos:
        attach(comment, photos, by=by)
    numbers = {name: about[name].number if about[name] else None for name in ("zone", "project")}
    # the record is read by more people than look at comments
    said = {"held": comment.held_why} if comment.waits else {"text": starred_numbers(text)}
    how = {"channel": comment.channel} if comment.on_behalf else {}
    record("comment.posted", comment, by=by, after={"version": version.pk, **numbers, **how, **said})
    tell_of(comment)
    return comment


def text_of(text: str, *, may_be_empty: bool = False) -> str:
    text = text.replace("\x00", "").strip()
    if len(text) > 2000 or not (text or may_be_empty):
        raise PortalError(_("Please write a comment of 1 to 2000 characters."), code="text")
    return text


def tell_of(comment: Comment) -> None:
    """Those who look at it if it waits for a look, else those who answer."""
    if comment.waits:
        tell(MODERATORS, comment.version, "comment_held", str(timezone.localdate()), day=comment.look_by)
    else:
        tell_new(comment.version)


def check_count(version: PlanVersion, by: User) -> int:
    """How many comments the person has written on the plan today, in Asia/Shanghai; TooMany if no more are taken today."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    own = Comment.objects.filter(author=by, channel=Channel.PORTAL)  # not what was entered or taken in for others
    written = own.filter(version__plan=version.plan_id, created_at__gte=midnight).count()
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


def _project(version: PlanVersion, number: int | None) -> Project | None:
    if number is None:
        return None
    if project := version.projects.filter(number=number).first():
        return project
    raise PortalError(_("This version has no project %(number)s.") % {"number": number}, code="project")


def place_in(version: PlanVersion, lon: float | None, lat: float | None) -> Point | None:
    """The pin, if it lies in the village or at most about a kilometre outside it."""
    if lon is None or lat is None:
        return None
    point = Point(lon, lat, srid=4490)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90) or version.plan.village.geom.distance(point) > 0.01:
        raise PortalError(_("The place lies outside the village."), code="place")
    return point
