"""Place by place: what was said, what was done, and why something was not (您说的、我们做的、为什么没有)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from planning import answers, causes, change_words, comparing, following, heard, moderation
from planning.following import Followed
from planning.heard import GONE, PROJECT, SPOT, WHOLE, ZONE, Said
from planning.models import Adoption, Comment, PlanVersion, Reply
from planning.participation_names import office, shown_name
from portal.models import User

MOST_TOLD = 10
"""comments of one place in full; the rest are a link away"""
Place = tuple[str, int]


@dataclass(frozen=True)
class Reason:
    """An answer that stands for several comments, with their numbers."""

    state: str
    state_text: str
    text: str
    office: str
    at: datetime
    numbers: list[int]


@dataclass
class Block:
    """A place with both sides of the talk about it."""

    place: Place
    title: str
    said: list[Said]
    comments: list[Comment] = field(default_factory=list)
    earlier: list[tuple[Comment, Followed]] = field(default_factory=list)
    done: list[dict[str, str]] = field(default_factory=list)
    """changes: a sentence and the page that shows them"""
    adopted: list[Reason] = field(default_factory=list)
    why_not: list[Reason] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.place[0]

    @property
    def number(self) -> int | None:
        """Of the zone or project."""
        return self.place[1] or None

    @property
    def anchor(self) -> str:
        return f"{self.kind}-{self.number}" if self.number else self.kind

    @property
    def count(self) -> int:
        return len(self.said)

    @property
    def more(self) -> int:
        return len(self.said) - len(self.comments)

    @property
    def voices(self) -> int:
        return heard.voices(self.said)

    @property
    def waiting(self) -> int:
        """How many have no answer yet, or one that puts them off."""
        return sum(row.state in (answers.NONE, Adoption.OPEN) for row in self.said)


def places(rows: Iterable[Said], earlier: list[tuple[Comment, Followed]]) -> dict[Place, list[Said]]:
    """Places of a version with its own comments, then those that only comments on earlier versions are about."""
    found = heard.by_place(rows)
    for _comment, followed in earlier:
        for place in landed(followed):
            found.setdefault(place, [])
    return found


def landed(followed: Followed) -> list[Place]:
    """Where a comment on an earlier version belongs now: each zone that goes on with its own."""
    return [(ZONE, number) for number in followed.zones] or [(GONE, 0)]


def blocks(
    version: PlanVersion, wanted: dict[Place, list[Said]], earlier: list[tuple[Comment, Followed]], user: User
) -> list[Block]:
    """What a page says of some places. Costs the same number of queries however many they are."""
    names = titles(version, wanted)
    found = {place: Block(place, names[place], said) for place, said in wanted.items()}
    told = {row.pk: row for block in found.values() for row in most_supported(block.said)}
    comments = fetched(version, told)
    effects = causes.effects("comment", comments.values(), user)
    moved = changes_since(version, found, user)
    for block in found.values():
        block.comments = [comments[row.pk] for row in most_supported(block.said) if row.pk in comments]
        here = [effect for comment in block.comments for effect in effects.get(comment.pk, [])]
        block.done = list({effect["text"]: effect for effect in [*here, *moved.get(block.place, [])]}.values())
        add_answers(block, version)
    for comment, followed in earlier:
        for place in landed(followed):
            if place in found:
                found[place].earlier.append((comment, followed))
                block_done = found[place].done
                block_done += [effect for effect in comment.effects_here if effect not in block_done]
    everyone = [*comments.values(), *(comment for block in found.values() for comment, _followed in block.earlier)]
    moderation.mark(everyone, user)
    for comment in everyone:
        comment.name = shown_name(comment, user)
        comment.state = answers.state(comment)
        comment.state_text = answers.STATES[comment.state]
    return list(found.values())


def most_supported(said: list[Said]) -> list[Said]:
    """The ones told in full: those with the most supports, then the oldest."""
    return sorted(said, key=lambda row: (-row.supports, row.number))[:MOST_TOLD]


def fetched(version: PlanVersion, told: dict[str, Said]) -> dict[str, Comment]:
    replies = (
        Reply.objects.order_by("created_at", "pk").select_related("author").prefetch_related("author__memberships")
    )
    rows = (
        version.comments.filter(pk__in=told)
        .select_related("author", "zone", "consultation", "version__plan")
        .prefetch_related(Prefetch("replies", replies))
        .defer("zone__geom", "zone__geom_web", "shape")
    )
    found = {comment.pk: comment for comment in rows}
    for pk, comment in found.items():
        comment.number, comment.supported = told[pk].number, told[pk].supports
    return found


def titles(version: PlanVersion, wanted: Iterable[Place]) -> dict[Place, str]:
    """Names of places, with the class of a zone, as residents read them."""
    numbers = {kind: [n for of, n in wanted if of == kind] for kind in (ZONE, PROJECT)}
    codes = dict(version.zones.filter(number__in=numbers[ZONE]).values_list("number", "code"))
    classes = change_words.class_names(codes.values())
    projects = dict(version.projects.filter(number__in=numbers[PROJECT]).values_list("number", "name"))
    found: dict[Place, str] = {
        (SPOT, 0): _("Places outside the zones"),
        (WHOLE, 0): _("The plan as a whole"),
        (GONE, 0): _("Zones that are no longer there"),
    }
    for number, code in codes.items():
        found[ZONE, number] = _("Zone %(number)s · %(name)s") % {"number": number, "name": classes[code]}
    for number, name in projects.items():
        found[PROJECT, number] = _("Project %(number)s: %(name)s") % {"number": number, "name": name}
    return found


def add_answers(block: Block, version: PlanVersion) -> None:
    """The answers that count, each once: what was adopted, and why something was not, or only partly."""
    groups: dict[tuple[str, str], list[Comment]] = {}
    for comment in block.comments:
        if last := comment.last_reply:
            groups.setdefault((last.adoption, last.text), []).append(comment)
    for (adoption, text), given in groups.items():
        last = given[0].last_reply
        reason = Reason(
            adoption, str(answers.STATES[adoption or answers.BEFORE]), text, office(last, version.division_code),
            last.created_at, sorted(comment.number for comment in given),
        )  # fmt: skip
        (block.adopted if adoption == Adoption.ADOPTED else block.why_not).append(reason)


def changes_since(version: PlanVersion, wanted: Iterable[Place], user: User) -> dict[Place, list[dict[str, str]]]:
    """What the newest version that the person may see made of the zones, in words."""
    newer = [other for other in comparing.others(version, user) if other.number > version.number]
    zones = [number for kind, number in wanted if kind == ZONE]
    if not newer or not zones:
        return {}
    found = comparing.compare(version, newer[-1])
    names = change_words.names_in(found)
    page = f"{reverse('version-compare', args=[newer[-1].pk])}?with={version.pk}"
    told: dict[Place, list[dict[str, str]]] = {}
    for number in zones:
        fate, into = found.went[number]
        link = f"{page}&zone={into[0]}" if into else f"{page}&gone={number}"
        land = [
            text for change in found.changes if number in change.old for text in change_words.land(change.land, names)
        ]
        said = [change_words.followed(fate, into, newer[-1].number), *land]
        told[ZONE, number] = [{"text": text, "url": link} for text in said]
    return told


def earlier_of(version: PlanVersion, user: User) -> list[tuple[Comment, Followed]]:
    """Comments on earlier versions that people may read, with where their zones are in this one."""
    return [(comment, followed) for comment, followed in following.earlier(version, user) if not comment.waits]
