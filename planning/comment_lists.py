"""Comments of a version as a page lists and maps them: in the order a reader asks for, with what they are about and who supports them."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.db.models.functions import PointOnSurface
from django.core.paginator import Page, Paginator
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from planning import following, moderation, photos, supports
from planning.comment_shapes import outline
from planning.models import Adoption, Channel, Comment, PlanVersion
from planning.models.participation import WAITS, last_adoption
from planning.participation_names import is_own, office
from portal.geo.functions import Ordinate
from portal.models import User
from portal.templatetags.portal import area

OLDEST, NEWEST, SUPPORTED = "oldest", "newest", "supported"
ORDERS = (OLDEST, NEWEST, SUPPORTED)
ON_A_PAGE = 10
"""a cheap phone shows so many at once, and the day of the publication stays quick"""


@dataclass(frozen=True)
class Brief:
    """A comment as far as the order of a list, the numbers and the map need it; `lon`, `lat` are those of its pin."""

    id: str
    number: int
    author_id: int
    waits: bool
    is_answered: bool
    supports: int
    zone: int | None
    project: int | None
    lon: float | None
    lat: float | None
    drawn: bool


def briefs(version: PlanVersion, reader: User | AnonymousUser, *, supported: bool = False) -> list[Brief]:
    """Comments of the notice that the reader may see, oldest first, numbered alike for all readers, in one question.

    On the day of the publication there are hundreds; only those that stand on the page are read whole. `supported`: with
    how many known people support each. Those of earlier consultations stand apart."""
    pin = Coalesce("geom", PointOnSurface("zone__geom"), PointOnSurface("project__geom"))
    rows = version.comments.exclude(channel=Channel.IMPORT).as_numbered().values_list(
        "pk", "author_id", Q(WAITS), last_adoption(), supports.counted(version) if supported else Value(0),
        "zone__number", "project__number", Ordinate("x", pin), Ordinate("y", pin), Q(shape__isnull=False),
    )  # fmt: skip
    looks = moderation.may_moderate(reader, version.division_code)
    return [
        Brief(pk, number, author, waits, last not in (None, Adoption.OPEN), *rest)
        for number, (pk, author, waits, last, *rest) in enumerate(rows, 1)
        if not waits or looks or author == reader.pk
    ]


def listed(version: PlanVersion, reader: User | AnonymousUser, given: Any) -> dict[str, Any]:
    """What a page needs to list comments as `given` (the query of its address) asks for; what is no order is the oldest first.

    `pins` are those of all comments, `comments` those on the page."""
    order = given.get("order") if given.get("order") in ORDERS else OLDEST
    found = briefs(version, reader, supported=order == SUPPORTED)
    unanswered = given.get("unanswered") == "1"
    rows = [row for row in found if not (unanswered and (row.is_answered or row.waits))]
    if order == NEWEST:
        rows.reverse()
    elif order == SUPPORTED:
        rows.sort(key=lambda row: -row.supports)  # equal ones stay in the order they came
    page = page_of(rows, given)
    return {
        "comments": whole(version, list(page), reader), "comment_page": page, "comment_count": len(found), "order": order,
        "unanswered": unanswered, "pins": pins(version, found, reader),
        "orders": [(OLDEST, _("Oldest first")), (NEWEST, _("Newest first")), (SUPPORTED, _("Most supported first"))],
        "supports_open": supports.is_open(version),
    }  # fmt: skip


def whole(version: PlanVersion, rows: list[Brief], reader: User | AnonymousUser) -> list[Comment]:
    """The comments of some rows with all that a page says of each."""
    read = (
        version.comments.for_page().prefetch_related("replies__author__memberships").in_bulk([row.id for row in rows])
    )
    comments = [read[row.id] for row in rows]
    counts = supports.of_comments(comments, reader, version)
    for row, comment in zip(rows, comments, strict=True):
        comment.version = version  # with its village: what is asked of each comment is not asked of the database
        comment.number, comment.support = row.number, counts[comment.pk]
        comment.about, comment.own = about(comment), is_own(comment, reader)
        comment.photos_shown = photos.shown(comment, reader)
        for reply in comment.replies.all():
            reply.role = office(reply, version.division_code)
    following.tell_fates(version, comments, reader)
    return comments


def page_of(rows: list[Brief], given: Any) -> Page:
    """The page asked for by its number, or the one that a comment stands on (`comment`, its id)."""
    pages, number = Paginator(rows, ON_A_PAGE), given.get("page")
    if not number and (wanted := given.get("comment")):
        at = next((place for place, row in enumerate(rows) if row.id == wanted), 0)
        number = at // ON_A_PAGE + 1
    return pages.get_page(number)


def about(comment: Comment) -> str:
    """What a comment is about, in a few words: a zone, a project, what was drawn, a place, or the plan as a whole."""
    if comment.zone:
        return _("Zone %(number)s") % {"number": comment.zone.number}
    if comment.project:
        return _("Project: %(name)s") % {"name": comment.project.name}
    if comment.shape and comment.shape_m2:
        return _("An area of %(area)s") % {"area": area(comment.shape_m2)}
    if comment.shape:
        return _("A line drawn on the map")
    return _("A place on the map") if comment.geom else _("The plan as a whole")


def pins(version: PlanVersion, rows: list[Brief], reader: User | AnonymousUser) -> list[dict[str, Any]]:
    """Where comments stand on the map: at their place, else in the middle of their zone or project; with what was drawn, if its
    words are for the reader."""
    drawn = version.comments.filter(pk__in=[row.id for row in rows if row.drawn]).only(
        "shape", "author_id", "held_at", "released_at", "hidden_at", "version"
    ) if any(row.drawn for row in rows) else []  # fmt: skip
    shapes = {}
    for comment in drawn:
        comment.version = version
        if moderation.may_read(comment, reader):
            shapes[comment.pk] = outline(comment.shape)
    return [
        {
            "number": row.number, "id": row.id, "lon": row.lon, "lat": row.lat, "answered": row.is_answered,
            "zone": row.zone, "project": row.project, **({"shape": shapes[row.id]} if row.id in shapes else {}),
        }
        for row in rows if row.lon is not None
    ]  # fmt: skip
