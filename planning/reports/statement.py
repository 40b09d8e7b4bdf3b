"""The table of residents' comments and what became of them (采纳情况表): one row for each comment, for files that travel.

Names are masked whoever makes the file, hidden comments stay as a row with the reason and without words, those held for a
look are counted only. Rows come one after the other, so that thousands of them need little memory.
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, Prefetch, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from planning import answers, causes, comment_lists, themes
from planning.models import Channel, Comment, PlanVersion, Reply, Zone
from planning.participation_names import office, shown_name
from planning.supports import counted
from portal.geo.functions import EllipsoidalArea
from portal.written_numbers import starred_numbers

AT_ONCE = 250
PUBLIC: Any = AnonymousUser()


@dataclass(frozen=True)
class Line:
    """One comment as the table says it."""

    number: int
    who: str
    channel: str
    day: date
    about: str
    theme: str
    text: str
    supports: int
    state: str
    answer: str
    answered_on: date | None
    office: str
    changes: str

    def cells(self) -> tuple[Any, ...]:
        return astuple(self)


def heads() -> list[str]:
    """Names of the columns, in the order of `Line`."""
    return [
        _("No."), _("From"), _("How it came"), _("Day"), _("About"), _("Theme"), _("Comment"), _("Supports"),
        _("What became of it"), _("Answer"), _("Answered on"), _("Answered by"), _("What changed"),
    ]  # fmt: skip


def lines(version: PlanVersion) -> Iterator[Line]:
    """The rows in the order of the numbers on the page of the version; those of earlier consultations come last."""
    replies = (
        Reply.objects.order_by("created_at", "pk").select_related("author").prefetch_related("author__memberships")
    )
    around = Zone.objects.filter(version=version.pk, geom__covers=OuterRef("geom")).order_by("number")
    rows = (
        version.comments.annotate(supported=counted(version), around=Subquery(around.values("number")[:1]))
        .annotate(shape_m2=EllipsoidalArea("shape"))
        .select_related("author", "zone", "project", "consultation", "version__plan")
        .prefetch_related(Prefetch("replies", replies))
        .defer("zone__geom", "zone__geom_web")
        .as_numbered()
    )
    batch: list[tuple[int, Comment]] = []
    for number, comment in enumerate(rows.iterator(chunk_size=AT_ONCE), 1):
        if not comment.waits:
            batch.append((number, comment))
        if len(batch) == AT_ONCE:
            yield from told(batch)
            batch = []
    yield from told(batch)


def told(batch: list[tuple[int, Comment]]) -> Iterator[Line]:
    effects = causes.effects("comment", [comment for _number, comment in batch], PUBLIC)
    for number, comment in batch:
        changes = [effect["text"] for effect in effects.get(comment.pk, [])]
        yield line(number, comment, changes)


def line(number: int, comment: Comment, changes: list[str]) -> Line:
    last = comment.last_reply
    hidden = _("Hidden: %(reason)s") % {"reason": comment.hidden_reason} if comment.hidden_at else ""
    return Line(
        number=number,
        who=shown_name(comment, PUBLIC),
        channel=channel(comment),
        day=comment.said_on or timezone.localdate(comment.created_at),
        about=about(comment),
        theme=themes.of(comment).name,
        text=hidden or starred_numbers(comment.text) or _("A photo without words"),
        supports=comment.supported + comment.agreed_before,
        state=str(answers.STATES[answers.state(comment)]),
        answer=last.text if last else "",
        answered_on=timezone.localdate(last.created_at) if last else None,
        office=office(last, comment.division_code) if last else "",
        changes="\n".join(changes),
    )


def channel(comment: Comment) -> str:
    """How a comment came, in one word of the form (网上、会议、纸图、导入)."""
    return {
        Channel.PORTAL: _("Online"), Channel.MEETING: _("Meeting"), Channel.PAPER: _("Paper map"), Channel.IMPORT: _("Import"),
    }[Channel(comment.channel)]  # fmt: skip


def about(comment: Comment) -> str:
    """What a comment is about, as on its page; of a place or an area in which zone it lies too, for paper has no map."""
    if comment.project_id:
        return _("Project %(number)s: %(name)s") % {"number": comment.project.number, "name": comment.project.name}
    what = comment_lists.about(comment)
    if comment.zone_id or comment.around is None:
        return what
    return _("%(what)s, in zone %(number)s") % {"what": what, "number": comment.around}


@dataclass(frozen=True)
class Head:
    """What stands above and below the rows."""

    title: str
    subject: str
    made: str
    summary: str


def head(version: PlanVersion) -> Head:
    """Title and sentences of the table. `made` names the day of the file: answers may be added to later."""
    count, held = version.comments.count(), version.comments.waiting().count()
    open_ones = version.comments.to_answer().count()
    said = [_("Comments: %(count)d. Not answered yet: %(open)d.") % {"count": count - held, "open": open_ones}]
    if held:
        said.append(_("Being looked at before they are public, not listed: %(count)d.") % {"count": held})
    return Head(
        title=_("Comments of residents and what became of them"),
        subject=_("%(plan)s, version %(number)s") % {"plan": version.plan.name, "number": version.number},
        made=_("State of %(day)s. Names are masked.") % {"day": f"{timezone.localdate():%Y-%m-%d}"},
        summary=" ".join(said),
    )
