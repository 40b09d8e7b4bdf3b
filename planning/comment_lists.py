"""Comments of a version as a page lists and maps them: in the order a reader asks for, with what they are about and who supports them."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from planning import moderation, photos, supports
from planning.comment_shapes import outline
from planning.models import Comment, PlanVersion
from planning.participation_names import is_own
from portal.models import User
from portal.templatetags.portal import area

OLDEST, NEWEST, SUPPORTED = "oldest", "newest", "supported"
ORDERS = (OLDEST, NEWEST, SUPPORTED)
ON_A_PAGE = 50
"""a cheap phone shows so many at once, and the day of the publication stays quick"""


def listed(version: PlanVersion, comments: list[Comment], reader: User | AnonymousUser, given: Any) -> dict[str, Any]:
    """What a page needs to list comments as `given` (the query of its address) asks for; what is no order is the oldest first."""
    found = supports.of_comments(comments, reader, version)
    for comment in comments:
        comment.support = found[comment.pk]
    order = given.get("order") if given.get("order") in ORDERS else OLDEST
    unanswered = given.get("unanswered") == "1"
    rows = [comment for comment in comments if not (unanswered and (comment.is_answered or comment.waits))]
    if order == NEWEST:
        rows.reverse()
    elif order == SUPPORTED:
        rows.sort(key=lambda comment: -comment.support.count)  # equal ones stay in the order they came
    page = page_of(rows, given)
    for comment in page:
        comment.about, comment.own = about(comment), is_own(comment, reader)
        comment.photos_shown = photos.shown(comment, reader)
    return {
        "comments": list(page), "comment_page": page, "comment_count": len(comments), "order": order, "unanswered": unanswered,
        "orders": [(OLDEST, _("Oldest first")), (NEWEST, _("Newest first")), (SUPPORTED, _("Most supported first"))],
        "supports_open": supports.is_open(version),
    }  # fmt: skip


def page_of(rows: list[Comment], given: Any) -> Page:
    """The page asked for by its number, or the one that a comment stands on (`comment`, its id)."""
    pages, number = Paginator(rows, ON_A_PAGE), given.get("page")
    if not number and (wanted := given.get("comment")):
        at = next((place for place, comment in enumerate(rows) if comment.pk == wanted), 0)
        number = at // ON_A_PAGE + 1
    return pages.get_page(number)


def address(comment: Comment) -> str:
    """The page of the version at a comment, also where there are more than stand on one page."""
    page = reverse("version", args=[comment.version_id])
    many = Comment.objects.filter(version=comment.version_id).count() > ON_A_PAGE
    return f"{page}{f'?comment={comment.pk}' if many else ''}#comment-{comment.pk}"


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


def pins(comments: Iterable[Comment], reader: User | AnonymousUser) -> list[dict[str, Any]]:
    """Where comments stand on the map: at their place, else in the middle of their zone or project; with what was drawn, if its
    words are for the reader."""
    found = []
    for comment in comments:
        thing = comment.zone or comment.project
        point = comment.geom or (thing and thing.geom and thing.geom.point_on_surface)
        if point:
            drawn = comment.shape if comment.shape and moderation.may_read(comment, reader) else None
            found.append({
                "number": comment.number, "id": comment.pk, "lon": point.x, "lat": point.y, "answered": comment.is_answered,
                "zone": comment.zone.number if comment.zone else None,
                "project": comment.project.number if comment.project else None,
                **({"shape": outline(drawn)} if drawn else {}),
            })  # fmt: skip
    return found
