"""Following (关注): a plan, a village, or an area drawn on its map, by people who want to be told what happens there."""

from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from planning.comment_shapes import drawn_near
from planning.models import Follow, Plan
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User
from villages.models import Village

MOST = 50
"""what one person may follow at a time"""
NAME_CHARS = 60


def of_user(user: User) -> QuerySet[Follow]:
    """What a person follows, the newest first; nobody sees what others follow."""
    return user.follows.select_related("village__division__parent", "plan").defer("village__geom", "village__geom_web")


def found(user: User, *, village: Village | None = None, plan: Plan | None = None) -> Follow | None:
    """Whether a person follows a plan, or a village as a whole."""
    if plan is not None:
        return user.follows.filter(plan=plan).first()
    return user.follows.filter(village=village, plan=None, area=None).first()


@transaction.atomic
def follow(
    *, by: User, village: Village, plan: Plan | None = None, area: GEOSGeometry | None = None, name: str = ""
) -> Follow:
    """Begin to follow; who follows it already keeps what there is. The area is in EPSG:4490, near the village."""
    if not by.is_authenticated:
        raise NotAllowed(_("Please sign in to follow a plan or a village: then we know whom to tell."))
    if plan is not None and area is not None:
        raise PortalError(_("Please follow either the plan or an area."), code="area")
    if plan is not None and (
        plan.village_id != village.pk or not Plan.objects.visible_to(by).filter(pk=plan.pk).exists()
    ):
        raise PortalError(_("There is no such plan in this village."), code="plan")
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # a second click finds the first
    if area is None and (known := found(by, village=village, plan=plan)):
        return known
    if by.follows.count() >= MOST:
        raise Conflict(
            _("You follow %(most)d places already, as many as one person may. Please end one of them first.")
            % {"most": MOST},
            code="too_many",
        )
    shape = None if area is None else area_to_follow(village, area)
    row = Follow.objects.create(user=by, village=village, plan=plan, area=shape, name=one_line(name))
    # neither the name nor the outline: both may say where somebody lives
    record("follow.begun", row, by=by, after={"village": village.pk, "what": kind_of(row)})
    return row


def area_to_follow(village: Village, area: GEOSGeometry) -> MultiPolygon:
    shape = drawn_near(village, area)
    if shape.geom_type == "Polygon":
        shape = MultiPolygon(shape, srid=4490)
    if not isinstance(shape, MultiPolygon):
        raise PortalError(_("Please draw an area on the map."), code="shape")
    return shape


@transaction.atomic
def rename(row: Follow, *, by: User, name: str) -> Follow:
    """Another name for what one follows; an empty one takes it away."""
    own(row, by)
    row.name = one_line(name)
    row.save(update_fields=["name"])
    record("follow.renamed", row, by=by)
    return row


@transaction.atomic
def unfollow(row: Follow, *, by: User) -> None:
    """End it: nothing more is told, and an area is gone from here."""
    own(row, by)
    gone, _rows = Follow.objects.filter(pk=row.pk).delete()
    if gone:
        record("follow.ended", row, by=by, before={"village": row.village_id, "what": kind_of(row)})


def own(row: Follow, by: User) -> None:
    if row.user_id != by.pk:
        raise NotAllowed(_("Only the person can do this."))


def one_line(name: str) -> str:
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(name) > NAME_CHARS:
        raise PortalError(
            _("Please write the name in at most %(most)d characters.") % {"most": NAME_CHARS}, code="name"
        )
    return name


def kind_of(row: Follow) -> str:
    if row.plan_id:
        return "plan"
    return "village" if row.area is None else "area"


def title(row: Follow) -> str:
    """What stands in the list: the name a person gave, else what it is."""
    if row.name:
        return row.name
    if row.plan:
        return row.plan.name
    if row.area is not None:
        return _("An area in %(village)s") % {"village": row.village.short_name}
    return row.village.short_name


def shown(row: Follow) -> dict[str, Any]:
    """A row as pages and the API tell it."""
    return {
        "id": row.pk, "kind": kind_of(row), "title": title(row), "name": row.name, "village": row.village_id,
        "village_name": row.village.short_name, "plan": row.plan_id, "area": row.area, "at": row.at,
    }  # fmt: skip
