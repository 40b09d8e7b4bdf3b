"""What other apps keep about a person, by name because they stand above this one: whose it is, what a copy of the person's data
holds of it, and the places that go with the consent to them."""

from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Q, QuerySet

from portal.models import User


class Kept(NamedTuple):
    """What another app keeps about a person: whose it is, what a copy holds, what goes with the consent to the marked place."""

    owner: str
    columns: tuple[str, ...]
    places: tuple[str, ...] = ()
    # rows that are about the person who sent them, not about somebody for whom they were entered
    own: Q = Q()


# what was entered or taken in for others is not the officer's who typed it.
ELSEWHERE = {
    "planning.Comment": Kept(
        "author", ("id", "version_id", "zone_id", "text", "created_at", "geom", "shape"), ("geom", "shape"),
        Q(channel="portal"),
    ),
    "planning.Photo": Kept(
        "by", ("id", "version_id", "comment_id", "words", "at"), own=Q(comment=None) | Q(comment__channel="portal")
    ),
    "planning.Follow": Kept("user", ("village_id", "plan_id", "area", "name", "at")),
    "villages.HouseholdMember": Kept("user", ("household__village_id", "household__number", "at")),
}  # fmt: skip
FOLLOWS = "planning.Follow"  # what is only followed goes as a whole


def kept_of(user: User, label: str) -> QuerySet[Any]:
    rule = ELSEWHERE[label]
    return apps.get_model(label).objects.filter(rule.own, **{rule.owner: user})


def rows_of(user: User, label: str) -> list[dict[str, Any]]:
    rows = kept_of(user, label).order_by("pk").values(*ELSEWHERE[label].columns)
    return [{k: list(v.coords) if hasattr(v, "coords") else v for k, v in row.items()} for row in rows]


def has_places(user: User) -> bool:
    """Whether places are kept that the person marked, also from before marking one was put on record as a consent."""
    return any(rows.exists() for rows, _places in places_of(user)) or areas_followed(user).exists()


def forget_places(user: User) -> None:
    """Take out the places the person marked, and areas that were only followed; what the comments say stays, and so do places
    of what the person entered for others, at a meeting or from paper."""
    areas_followed(user).delete()
    for rows, places in places_of(user):
        rows.update(**dict.fromkeys(places))


def places_of(user: User) -> list[tuple[QuerySet[Any], tuple[str, ...]]]:
    """Rows with a marked place of the person's own, and in which columns it is."""
    return [
        (kept_of(user, label).exclude(**dict.fromkeys(rule.places)), rule.places)
        for label, rule in ELSEWHERE.items() if rule.places
    ]  # fmt: skip


def areas_followed(user: User) -> QuerySet[Any]:
    return apps.get_model(FOLLOWS).objects.filter(user=user, area__isnull=False)
