"""The work of answering (答复工作台): which comments of a version wait, put together by zone, theme or likeness of words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from planning import alike, answers, moderation, themes
from planning.models import Adoption, Channel, Comment, PlanVersion, State
from planning.participation_names import shown_name
from planning.supports import counted
from portal.models import User

MOST = 300
"""comments on one page of work; the rest comes when these are answered, or by a narrower filter"""
BY = {
    "zone": gettext_lazy("By zone"),
    "theme": gettext_lazy("By theme"),
    "words": gettext_lazy("By similar words"),
}


@dataclass(frozen=True)
class Group:
    """Comments that may be answered together."""

    key: str
    title: str
    comments: list[Comment]


@dataclass(frozen=True)
class Progress:
    """How far the answering is; `days_left` until the notice ends, None outside of one."""

    answered: int
    total: int
    days_left: int | None

    @property
    def left(self) -> int:
        return self.total - self.answered


def progress(version: PlanVersion) -> Progress:
    """Those that ask for no answer, and have none, count on neither side."""
    waiting = version.comments.to_answer().count()
    answered = answered_ones(version).count()
    notice = getattr(version, "notice", None)
    running = notice if version.state == State.NOTICE else None
    left = (running.closes_on - timezone.localdate()).days if running else None
    return Progress(answered, answered + waiting, left)


def answered_ones(version: PlanVersion) -> Any:
    rows = version.comments.filter(replies__isnull=False).exclude(channel=Channel.IMPORT)
    return rows.exclude(pk__in=version.comments.to_answer()).distinct()


def numbered(version: PlanVersion) -> dict[str, int]:
    """Id -> the number a comment has on the page of the version."""
    ids = version.comments.as_numbered().values_list("pk", flat=True)
    return {pk: number for number, pk in enumerate(ids, 1)}


def waiting_numbers(version: PlanVersion) -> list[int]:
    """Numbers of the comments that nobody has answered in full."""
    numbers = numbered(version)
    return sorted(numbers[pk] for pk in version.comments.to_answer().values_list("pk", flat=True))


def to_work_on(version: PlanVersion, user: User, *, everything: bool = False, theme: str = "") -> list[Comment]:
    """Comments with what the page of work says of them, oldest first; without `everything` those that wait for an answer."""
    rows = version.comments.for_page().select_related("project", "version__plan", "consultation")
    rows = rows.annotate(supported=counted(version)).defer("zone__geom", "zone__geom_web", "shape").as_numbered()
    if not everything:
        rows = rows.filter(pk__in=version.comments.to_answer())
    numbers = numbered(version)
    found = []
    for comment in rows.iterator(chunk_size=MOST):
        if comment.waits:
            continue
        comment.theme_here = themes.of(comment)
        if theme and comment.theme_here.code != theme:
            continue
        comment.number, comment.name = numbers[comment.pk], shown_name(comment, user)
        comment.shown = moderation.text_for(comment, user)
        comment.voices = comment.supported + comment.agreed_before
        comment.state = answers.state(comment)
        comment.state_text = answers.STATES[comment.state]
        comment.is_open = comment.state in (answers.NONE, Adoption.OPEN)
        found.append(comment)
        if len(found) == MOST:
            break
    return found


def groups(comments: list[Comment], by: str) -> list[Group]:
    return {"zone": by_zone, "theme": by_theme, "words": by_words}[by](comments)


def by_zone(comments: list[Comment]) -> list[Group]:
    def key(comment: Comment) -> tuple[int, int, str]:
        if comment.zone_id:
            return 0, comment.zone.number, _("Zone %(number)s") % {"number": comment.zone.number}
        if comment.project_id:
            said = {"number": comment.project.number, "name": comment.project.name}
            return 1, comment.project.number, _("Project %(number)s: %(name)s") % said
        return (2, 0, _("A place on the map")) if comment.geom else (3, 0, _("The plan as a whole"))

    return parted(comments, key)


def by_theme(comments: list[Comment]) -> list[Group]:
    order = list(themes.listed())
    return parted(comments, lambda c: (order.index(c.theme_here.code), 0, c.theme_here.name))


def parted(comments: list[Comment], key: Callable[[Comment], tuple[int, int, str]]) -> list[Group]:
    found: dict[tuple[int, int, str], list[Comment]] = {}
    for comment in comments:
        found.setdefault(key(comment), []).append(comment)
    return [Group(f"g{rank}-{number}", title, rows) for (rank, number, title), rows in sorted(found.items())]


def by_words(comments: list[Comment]) -> list[Group]:
    """Comments that say nearly the same; those like none come last, together."""
    together, alone = [], []
    for number, positions in enumerate(alike.groups([comment.text for comment in comments])):
        rows = [comments[position] for position in positions]
        if len(rows) == 1:
            alone += rows
            continue
        count = ngettext("%(count)d comment like “%(words)s”", "%(count)d comments like “%(words)s”", len(rows))
        words = Truncator(rows[0].shown).chars(30)
        together.append(Group(f"g{number}", count % {"count": len(rows), "words": words}, rows))
    return [*together, Group("alone", _("Like no other"), alone)] if alone else together
