"""Why a zone differs from the version before: the comment, opinion or point of a return that it answers, and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from planning import comparing, moderation
from planning.models import Cause, Comment, Opinion, PlanVersion, ReturnItem, State, Zone
from planning.participation_names import shown_name
from planning.reviews import opinions_visible_to
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User
from portal.rules import STAFF, has_role

OPEN = (State.DRAFT, State.ROUND1, State.JOINT_REVIEW)
"""the authors say it while the version is young; afterwards others have judged it by what was said"""
KINDS: dict[str, type] = {"comment": Comment, "opinion": Opinion, "item": ReturnItem}
EXCERPT = 90


@dataclass(frozen=True)
class Reason:
    """A thing that may have led to a change, in words; `words` and `url` are empty for whoever may not read it."""

    kind: str
    pk: Any
    name: str
    words: str
    url: str
    zone: int | None
    """number of the zone it is pinned to, in its own version"""

    @property
    def value(self) -> str:
        return f"{self.kind}:{self.pk}"


def may_say(user: User, version: PlanVersion) -> bool:
    return version.state in OPEN and user.has_perm("planning.upload_plan", version)


@transaction.atomic
def say_cause(version: PlanVersion, zone: Zone, thing: Comment | Opinion | ReturnItem, *, by: User) -> Cause:
    """Say that a zone of `version` (or one of an older version that is gone in it) is as it is because of `thing`.

    Said twice, it is one cause.
    """
    version = locked(version, by)
    check_zone(version, zone)
    if thing.version.plan_id != version.plan_id or thing.version.number >= version.number:
        raise PortalError(_("Only what was said about an earlier version of this plan can be the cause."), code="thing")
    made, created = Cause.objects.get_or_create(
        zone=zone, **{kind_of(thing): thing}, defaults={"version": version, "by": by}
    )
    if created:
        record("cause.said", version, by=by, after={"zone": zone.number, kind_of(thing): str(thing.pk)})
    return made


@transaction.atomic
def take_back(version: PlanVersion, zone: Zone, thing: Comment | Opinion | ReturnItem, *, by: User) -> None:
    """Take a cause back that was said by mistake; that it was said stays on record."""
    version = locked(version, by)
    gone, _rows = Cause.objects.filter(version=version, zone=zone, **{kind_of(thing): thing}).delete()
    if not gone:
        raise PortalError(_("This was not given as the cause of the zone."), code="cause")
    record("cause.taken_back", version, by=by, before={"zone": zone.number, kind_of(thing): str(thing.pk)})


def locked(version: PlanVersion, by: User) -> PlanVersion:
    """The version, locked, for its authors while it is young."""
    check_right(version, by)
    version = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
    if version.state not in OPEN:
        raise Conflict(_("The causes of changes are given until the joint review is over."), code="wrong_state")
    return version


def check_right(version: PlanVersion, by: User) -> None:
    if not by.has_perm("planning.upload_plan", version):
        raise NotAllowed(_("Only the authors of the plan may say why a zone was changed."))


def check_zone(version: PlanVersion, zone: Zone) -> None:
    if zone.version_id == version.pk:
        return
    older = zone.version
    earlier = older.plan_id == version.plan_id and older.number < version.number
    if not earlier or comparing.compare(older, version).went[zone.number][0] != "gone":
        raise PortalError(_("The zone is not one of this version, nor one that is gone in it."), code="zone")


def kind_of(thing: Comment | Opinion | ReturnItem) -> str:
    return next(kind for kind, model in KINDS.items() if isinstance(thing, model))


def things(version: PlanVersion, kind: str, user: User) -> QuerySet:
    """What was said about earlier versions of the plan and the person may read."""
    earlier = PlanVersion.objects.visible_to(user).filter(plan=version.plan_id, number__lt=version.number)
    if kind == "comment":
        return (
            Comment.objects.seen_by(user).filter(version__in=earlier).select_related("version__plan", "zone", "author")
        )
    if kind == "opinion":
        return opinions_visible_to(user).filter(version__in=earlier)
    if has_role(user, STAFF, version.division_code):
        return ReturnItem.objects.filter(version__in=earlier).select_related("version__plan", "zone")
    return ReturnItem.objects.none()


def find(version: PlanVersion, said: str, user: User) -> Comment | Opinion | ReturnItem:
    """The thing that `comment:<id>`, `opinion:<id>` or `item:<version id>-<number>` names."""
    kind, _colon, pk = said.partition(":")
    found = None
    if kind == "item":
        of, _dash, number = pk.rpartition("-")
        if number.isascii() and number.isdigit() and len(number) < 6:
            found = things(version, kind, user).filter(version=of, number=int(number)).first()
    elif kind in KINDS and pk.isascii() and len(pk) <= 12 and "\x00" not in pk:
        found = things(version, kind, user).filter(pk=pk).first()
    if found is None:
        raise PortalError(_("Choose what led to the change."), code="thing")
    return found


def reason_of(thing: Comment | Opinion | ReturnItem, user: User) -> Reason:
    """A thing in words, as far as the person may read it."""
    zone = thing.zone.number if thing.zone_id else None
    number = {"number": thing.version.number}
    staff = has_role(
        user, STAFF, thing.division_code if not isinstance(thing, ReturnItem) else thing.version.division_code
    )
    if isinstance(thing, Comment):
        name = _("Comment by %(who)s on version %(number)s") % {**number, "who": shown_name(thing, user)}
        url = thing.get_absolute_url()
        return Reason("comment", thing.pk, name, excerpt(moderation.text_for(thing, user)), url, zone)
    if isinstance(thing, Opinion):
        name = _("Opinion in the joint review of version %(number)s") % number
        if not staff:
            return Reason("opinion", thing.pk, name, "", "", zone)
        name = _("Opinion of %(who)s on version %(number)s") % {**number, "who": thing.request}
        url = f"{reverse('version-opinions', args=[thing.version_id])}#opinion-{thing.pk}"
        return Reason("opinion", thing.pk, name, excerpt(thing.text), url, zone)
    name = _("Point %(point)s of the return of version %(number)s") % {**number, "point": thing.number}
    url = reverse("review", args=[thing.version_id]) if staff else ""
    return Reason("item", f"{thing.version_id}-{thing.number}", name, excerpt(thing.text) if staff else "", url, zone)


def excerpt(text: str) -> str:
    return Truncator(text).chars(EXCERPT)


def causes_of(old: PlanVersion, new: PlanVersion, user: User) -> dict[tuple[str, int], list[Reason]]:
    """("new" or "old", zone number) -> the causes said in `new`, for the zones of both versions."""
    rows = Cause.objects.filter(version=new).select_related(
        "zone", "comment__author", "comment__zone", "comment__version__plan", "opinion__zone", "opinion__version__plan",
        "opinion__request__expert", "item__zone", "item__version__plan",
    ).defer("zone__geom", "zone__geom_web")  # fmt: skip
    found: dict[tuple[str, int], list[Reason]] = {}
    for row in rows:
        side = "new" if row.zone.version_id == new.pk else "old" if row.zone.version_id == old.pk else ""
        if side:
            thing = row.comment or row.opinion or row.item
            found.setdefault((side, row.zone.number), []).append(reason_of(thing, user))
    return found


def suggestions(old: PlanVersion, new: PlanVersion, user: User) -> dict[int, list[Reason]]:
    """Number of a zone of `old` -> what was said about it: what may have led to its change."""
    found: dict[int, list[Reason]] = {}
    for kind in KINDS:
        for thing in things(new, kind, user).filter(version=old).exclude(zone=None):
            found.setdefault(thing.zone.number, []).append(reason_of(thing, user))
    return found


def effects(kind: str, things: Iterable[Comment | Opinion | ReturnItem], user: User) -> dict[Any, list[dict[str, str]]]:
    """Id of a comment, opinion or point of a return -> what it led to: a sentence and the page that shows it.

    Only in versions the person may see: a public comment must not give away the draft it changed.
    """
    ids = [thing.pk for thing in things]
    seen = PlanVersion.objects.visible_to(user)
    rows = Cause.objects.filter(Q(**{f"{kind}__in": ids}), version__in=seen).select_related("version", "zone__version")
    found: dict[Any, list[dict[str, str]]] = {}
    for row in rows.defer("zone__geom", "zone__geom_web"):
        if row.zone.version_id != row.version_id and not seen.filter(pk=row.zone.version_id).exists():
            continue
        found.setdefault(getattr(row, f"{kind}_id"), []).append(effect(row))
    return found


def effect(cause: Cause) -> dict[str, str]:
    """What a cause led to, in words, with the address of the comparison that shows it."""
    page = reverse("version-compare", args=[cause.version_id])
    if cause.zone.version_id == cause.version_id:
        said = {"zone": cause.zone.number, "number": cause.version.number}
        return {
            "text": _("Led to a change of zone %(zone)s in version %(number)s") % said,
            "url": f"{page}?zone={cause.zone.number}",
        }
    said = {"zone": cause.zone.number, "old": cause.zone.version.number, "number": cause.version.number}
    text = _("Led to zone %(zone)s of version %(old)s being left out in version %(number)s") % said
    return {"text": text, "url": f"{page}?with={cause.zone.version_id}&gone={cause.zone.number}"}
