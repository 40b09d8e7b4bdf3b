"""Where the zone of a comment is in a later version: comments pinned to a zone follow it and say so."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from planning import causes, change_words, comparing, moderation
from planning.models import Comment, PlanVersion
from portal.models import User


@dataclass(frozen=True)
class Followed:
    """The fate of a comment's zone in a later version: same, recoded, moved, split, merged or gone."""

    version: PlanVersion
    fate: str
    zones: list[int]

    @property
    def text(self) -> str:
        return change_words.followed(self.fate, self.zones, self.version.number)

    def as_json(self) -> dict[str, Any]:
        told = {"id": self.version.pk, "number": self.version.number}
        return {"version": told, "fate": self.fate, "zones": self.zones, "text": self.text}


def follow(comments: Iterable[Comment], old: PlanVersion, new: PlanVersion) -> dict[str, Followed]:
    """Comment id -> what became in `new` of the zone it is pinned to in `old`; comments without a zone have none."""
    pinned = {comment.pk: comment.zone.number for comment in comments if comment.zone_id}
    if not pinned:
        return {}
    went = comparing.compare(old, new).went
    return {pk: Followed(new, *went[number]) for pk, number in pinned.items()}


def onward(version: PlanVersion, comments: Iterable[Comment], user: User) -> dict[str, Followed]:
    """Where comments of a version are in the newest one that the person may see, if there is a newer one."""
    newer = [other for other in comparing.others(version, user) if other.number > version.number]
    return follow(comments, version, newer[-1]) if newer else {}


def tell_fates(version: PlanVersion, comments: list[Comment], user: User) -> None:
    """Give comments of a version what a page says with them: their words, where their zone is now, what they led to."""
    followed = onward(version, comments, user)
    effects = causes.effects("comment", comments, user)
    moderation.mark(comments, user)
    for comment in comments:
        comment.followed = followed.get(comment.pk)
        comment.effects_here = effects.get(comment.pk, [])


def earlier(version: PlanVersion, user: User) -> list[tuple[Comment, Followed]]:
    """Comments pinned to zones of older versions that the person may see, and where they are in this one; oldest first."""
    found = []
    for older in comparing.others(version, user):
        if older.number < version.number:
            comments = list(older.comments.for_page().seen_by(user).exclude(zone=None))
            followed = follow(comments, older, version)
            moderation.mark(comments, user)
            effects = causes.effects("comment", comments, user)
            for comment in comments:
                comment.version = older
                comment.effects_here = effects.get(comment.pk, [])
                found.append((comment, followed[comment.pk]))
    return found
