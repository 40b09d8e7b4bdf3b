"""What the review page says of opinions of departments and experts, of points of earlier returns, and where all of it lies."""

from typing import Any

from django.contrib.gis.db.models.functions import Envelope

from planning import returns, reviews
from planning.models import Comment, Opinion, PlanVersion, ReturnItem, State, Zone
from planning.reports import adoption
from planning.views.returns import rule_name
from planning.views.review_requests import listed
from portal.models import User

MOST_OPINIONS = 200
"""opinions listed on the page; the list of what was adopted has all"""


def of_version(version: PlanVersion, user: User) -> dict[str, Any]:
    """Who was asked and where they stand, what they said, which points of returns this version answers."""
    requests = listed(reviews.visible_to(user).filter(version=version).prefetch_related("declarations"))
    said = reviews.opinions_visible_to(user).filter(version=version).order_by("at")
    opinions = [
        {
            "opinion": opinion, "key": f"opinion-{opinion.pk}", "late": reviews.is_late(opinion),
            "who": adoption.asked_name(opinion.request, version, user), "open": is_open(opinion),
        }
        for opinion in said[:MOST_OPINIONS]
    ]  # fmt: skip
    points = [point_of(item) for item in returns.before(version)]
    return {
        "requests": requests,
        "opinions": sorted(opinions, key=lambda row: not row["open"]),
        "open_opinions": sum(row["open"] for row in opinions),
        "points": points,
        "open_points": sum(not point["settled"] for point in points),
        "may_answer_opinions": version.state in reviews.ANSWERING and reviews.may_answer(user, version),
        "may_ask": version.state in reviews.ASKING and reviews.may_ask(user, version),
        "asking_begins": version.state == State.DRAFT,
    }


def is_open(opinion: Opinion) -> bool:
    """Whether an opinion waits for an answer; agreement needs none."""
    return not hasattr(opinion, "answer") and opinion.stance != Opinion.Stance.AGREE


def point_of(item: ReturnItem) -> dict[str, Any]:
    """A point of a return with what became of it."""
    answer = getattr(item, "answer", None)
    return {
        "item": item, "key": f"point-{item.pk}", "rule": rule_name(item.rule), "answer": answer,
        "settled": answer is not None and answer.settled is True,
    }  # fmt: skip


def places(
    comments: list[Comment], opinions: list[dict[str, Any]], points: list[dict[str, Any]], version: PlanVersion
) -> dict[str, dict[str, Any]]:
    """Where rows of the page lie: the box of their zone, and its number if it is one of this version."""
    pinned = [(f"comment-{c.pk}", c.zone_id) for c in comments if c.zone_id]
    pinned += [(row["key"], row["opinion"].zone_id) for row in opinions if row["opinion"].zone_id]
    pinned += [(point["key"], point["item"].zone_id) for point in points if point["item"].zone_id]
    found = Zone.objects.filter(pk__in={zone for _key, zone in pinned}).annotate(box=Envelope("geom"))
    zones = {pk: (of, number, box) for pk, of, number, box in found.values_list("pk", "version_id", "number", "box")}
    rows = {}
    for key, zone in pinned:
        of, number, box = zones[zone]
        own = of == version.pk
        rows[key] = {"box": list(box.extent), "new": [number] if own else [], "old": [] if own else [number]}
    for comment in comments:
        if comment.geom:
            x, y = comment.geom.x, comment.geom.y
            rows[f"comment-{comment.pk}"] = {"box": [x, y, x, y], "new": [], "old": []}
    return rows
