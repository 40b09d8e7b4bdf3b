"""What waits for a person (待办): steps of the procedure, opinions, comments, exceptions. Rules first, rows of a page last:
what a step lacks is asked only of the rows that are shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from planning import conflicts, deadlines, freshness, news, procedures, reviews, second_person, waivers, workflow
from planning.models import (
    DECIDED,
    ENDED,
    MODERATORS,
    Comment,
    ItemAnswer,
    Opinion,
    PlanVersion,
    ReturnItem,
    ReviewRequest,
    State,
    Waiver,
    WorkflowRule,
)
from planning.procedures import Transition
from portal import workdays
from portal.models import Role, User
from portal.rules import prefixes

REPLIERS = (Role.COMMITTEE, Role.PLANNER, Role.TOWNSHIP)
DECIDERS = (Role.COUNTY_REVIEWER, Role.COUNTY_LEADER)


@dataclass
class Item(deadlines.Due):
    """One thing to do: what, for which version, until when, what it still lacks."""

    kind: str
    version: PlanVersion
    action: str
    url: str
    due_on: date | None = None
    left: int | None = None
    working: bool = False
    missing: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return news.name_of(self.version)


@dataclass
class Heap:
    """Things of one kind that wait for a person: how many, and a function that makes the rows of a page."""

    kind: str
    title: str | Promise
    rows: Any
    make: Callable[[list[Any], User], list[Item]]
    total: int

    def items(self, user: User, start: int, end: int) -> list[Item]:
        return self.make(list(self.rows[start:end]), user)


def heaps(user: User) -> list[Heap]:
    """All kinds that concern the person's roles, the empty ones left out."""
    makers = (
        steps, returned, points_to_answer, points_to_settle, opinions_to_give, opinions_to_answer, comments_to_look_at,
        comments_to_answer, exceptions_to_confirm,
    )  # fmt: skip
    return [heap for maker in makers if (heap := maker(user)).total]


def total(user: User) -> int:
    """How many things wait."""
    return sum(heap.total for heap in heaps(user))


def within(codes: Iterable[str], path: str = "plan__village__division__code") -> Q:
    found = Q(pk__in=[])
    for code in codes:
        found |= Q(**{f"{path}__startswith": code})
    return found


def versions() -> QuerySet[PlanVersion]:
    """Versions with what a row says of them."""
    rows = PlanVersion.objects.select_related("plan__village__division__parent", "notice")
    return rows.defer("plan__village__geom", "plan__village__geom_web", "report")


def heap_of(kind: str, title: str | Promise, rows: QuerySet, make: Callable[[list[Any], User], list[Item]]) -> Heap:
    return Heap(kind, title, rows, make, rows.count())


# --- steps of the procedure


def steps(user: User) -> Heap:
    """Versions whose next step is the person's, those due first at the top."""
    newer = PlanVersion.objects.filter(plan=OuterRef("plan"), number__gt=OuterRef("number"))
    running = Q(deadlines__met_at=None, deadlines__request=None)
    found = Q(pk__in=[])
    for prefix, states in stations(user):
        found |= Q(plan__village__division__code__startswith=prefix, state__in=states)
    rows = list(
        versions()
        .filter(found)
        .exclude(Q(state=State.DRAFT) & Exists(newer))
        .exclude(state=State.NOTICE, notice__closes_on__gte=timezone.localdate())
        .annotate(due=Min("deadlines__due_on", filter=running))
    )
    deadlines.remember_procedures(rows)
    second_person.remember(rows, user)
    mine = [version for version in rows if step_of(version, user)]
    mine.sort(key=lambda v: (v.due or date.max, v.created_at))
    return Heap("steps", _("Steps to make"), mine, step_items, len(mine))


def stations(user: User) -> Iterable[tuple[str, set[str]]]:
    """By division of the person, the states out of which a procedure gives the role held there a step."""
    tables = [procedures.of_rule(rule).transitions for rule in WorkflowRule.objects.exclude(procedure={})]
    for membership in user.active_memberships():
        states = {s for table in tables for t in table if membership.role in t.who and onward(t) for s in t.sources}
        if states:
            yield membership.prefix, states


def onward(step: Transition) -> bool:
    """A step that goes on, no return and no withdrawal."""
    return not step.needs_note and step.target not in ENDED


def step_of(version: PlanVersion, user: User) -> Transition | None:
    """The step that waits for the person: the first of the table, or another one whose gates hold already."""
    possible = [t for t in procedures.of_version(version).onward(version) if onward(t)]
    for step in possible:
        if not workflow.may_make(user, step, version) or second_person.barred(user, step.target, version):
            continue
        if step is possible[0] or (version.number > 1 and not workflow.missing(version, step)):
            return step
    return None


def step_items(rows: list[PlanVersion], user: User) -> list[Item]:
    freshness.remember(rows)
    calendars, today = workdays.of_many(v.division_code for v in rows), timezone.localdate()
    items = []
    for version in rows:
        step = step_of(version, user)
        item = Item("steps", version, step.label, news.page_of(version), missing=workflow.missing(version, step))
        deadline = version.deadlines.filter(met_at=None, request=None).order_by("due_on").first()
        if deadline:
            item.working = deadlines.row_of(version, deadline.kind)["working"]
            item.due_on = deadline.due_on
            item.left = deadlines.left(
                deadline.due_on, working=item.working, calendar=calendars[version.division_code], today=today
            )
        items.append(item)
    return items


def returned(user: User) -> Heap:
    """Returned versions that no newer one follows, for those who make the plan."""
    newer = PlanVersion.objects.filter(plan=OuterRef("plan"), number__gt=OuterRef("number"))
    rows = versions().filter(within(prefixes(user, news.AUTHORS)), ~Exists(newer), state=State.RETURNED)

    def items(page: list[PlanVersion], user: User) -> list[Item]:
        action = str(_("Hand in a changed plan"))
        return [Item("returned", v, action, f"{reverse('upload-new')}?village={v.plan.village_id}") for v in page]

    return heap_of("returned", _("Returned to you"), rows.order_by("created_at"), items)


# --- points of a return


def points_to_answer(user: User) -> Heap:
    """Drafts with points of earlier returns that stay open until this draft answers them: an answer of a version before it
    that the county has not accepted counts no more."""
    points = ReturnItem.objects.filter(version__plan=OuterRef("plan"), version__number__lt=OuterRef("number"))
    points = points.exclude(answer__settled=True).exclude(answer__version=OuterRef("pk"))
    rows = versions().filter(within(prefixes(user, news.AUTHORS)), state=State.DRAFT).order_by("created_at")
    rows = rows.annotate(open=counted(points, "version__plan"))

    def items(page: list[PlanVersion], user: User) -> list[Item]:
        return [Item("points_to_answer", v, answer_words(v.open), f"{news.page_of(v)}#points") for v in page]

    return heap_of("points_to_answer", _("Points of a return to answer"), rows.filter(open__gt=0), items)


def points_to_settle(user: User) -> Heap:
    """Versions under way whose answers to points of a return the county has neither accepted nor refused."""
    answers = ItemAnswer.objects.filter(version=OuterRef("pk"), settled=None)
    rows = (
        versions()
        .filter(within(prefixes(user, DECIDERS)))
        .exclude(plan__versions__created_by=user)
        .order_by("created_at")
    )
    rows = rows.exclude(state__in=(State.DRAFT, *DECIDED, *ENDED)).annotate(open=counted(answers, "version"))

    def items(page: list[PlanVersion], user: User) -> list[Item]:
        return [Item("points_to_settle", v, settle_words(v.open), f"{news.page_of(v)}#points") for v in page]

    return heap_of("points_to_settle", _("Answers to points of a return"), rows.filter(open__gt=0), items)


def counted(rows: QuerySet, of: str) -> Subquery:
    """How many rows of a query that refers to the outer one, all of which have the same `of`."""
    return Subquery(rows.order_by().values(of).annotate(total=Count("pk")).values("total"))


def answer_words(count: int) -> str:
    return ngettext("Answer %(count)d point", "Answer %(count)d points", count) % {"count": count}


def settle_words(count: int) -> str:
    return ngettext("Settle %(count)d point", "Settle %(count)d points", count) % {"count": count}


# --- opinions


def opinions_to_give(user: User) -> Heap:
    """Requests put to the person or the own department."""
    rows = (
        ReviewRequest.objects.requested_from(user)
        .filter(done_at=None, version__state__in=deadlines.ASKED_IN)
        .select_related("version__plan__village__division__parent")
        .order_by("due_on", "pk")
    )

    def items(page: list[ReviewRequest], user: User) -> list[Item]:
        calendars = workdays.of_many(r.division_code for r in page)
        action, today = str(_("Give an opinion")), timezone.localdate()
        return [
            Item(
                "opinions_to_give", request.version, action, reviews.page_of(request), request.due_on, working=True,
                left=calendars[request.division_code].between(today, request.due_on),
            )
            for request in page
        ]  # fmt: skip

    return heap_of("opinions_to_give", _("Opinions asked of you"), rows, items)


def opinions_to_answer(user: User) -> Heap:
    """Versions with opinions that ask for something and have no answer; those that ended too, until a later one is approved."""
    silent = Opinion.objects.filter(answer=None).exclude(stance=Opinion.Stance.AGREE)
    rows = (
        versions()
        .undecided()
        .filter(within(prefixes(user, reviews.ANSWERERS)), state__in=reviews.ANSWERING)
        .annotate(silent=Count("opinions", filter=Q(opinions__in=silent), distinct=True))
        .filter(silent__gt=0)
        .order_by("created_at")
    )

    def items(page: list[PlanVersion], user: User) -> list[Item]:
        return [
            Item(
                "opinions_to_answer", version,
                ngettext("Answer %(count)d opinion", "Answer %(count)d opinions", version.silent) % {"count": version.silent},
                f"{news.page_of(version)}#opinions",
            )
            for version in page
        ]  # fmt: skip

    return heap_of("opinions_to_answer", _("Opinions to answer"), rows, items)


# --- comments and exceptions


def comments_to_look_at(user: User) -> Heap:
    """Versions with comments that are held for a look, but not the person's own; what is due first at the top."""
    held = Comment.objects.waiting().exclude(author=user)
    rows = (
        versions()
        .filter(within(prefixes(user, MODERATORS)))
        .annotate(held=Count("comments", filter=Q(comments__in=held), distinct=True))
        .annotate(due=Min("comments__look_by", filter=Q(comments__in=held)))
        .filter(held__gt=0)
        .order_by("due", "created_at")
    )

    def items(page: list[PlanVersion], user: User) -> list[Item]:
        calendars, today = workdays.of_many(v.division_code for v in page), timezone.localdate()
        return [
            Item(
                "comments_to_look_at", version,
                ngettext("Look at %(count)d comment", "Look at %(count)d comments", version.held) % {"count": version.held},
                reverse("comments-look", args=[version.pk]), version.due, working=True,
                left=calendars[version.division_code].between(today, version.due),
            )
            for version in page
        ]  # fmt: skip

    return heap_of("comments_to_look_at", _("Comments to look at before they are public"), rows, items)


def comments_to_answer(user: User) -> Heap:
    """Versions with comments of residents that nobody has answered, the notice that ends first at the top; those that were
    returned or replaced too, until a later one is approved: their comments stand in its way."""
    silent = Comment.objects.to_answer()
    rows = (
        versions()
        .undecided()
        .filter(within(prefixes(user, REPLIERS)))
        .annotate(silent=Count("comments", filter=Q(comments__in=silent), distinct=True))
        .filter(silent__gt=0)
        .order_by("notice__closes_on", "created_at")
    )

    def items(page: list[PlanVersion], user: User) -> list[Item]:
        today = timezone.localdate()
        return [
            Item(
                "comments_to_answer", version,
                ngettext("Answer %(count)d comment", "Answer %(count)d comments", version.silent) % {"count": version.silent},
                reverse("version-answers", args=[version.pk]),
                # what ended has no day of its own: that of its successor counts
                *(() if version.state in ENDED else (version.notice.closes_on, (version.notice.closes_on - today).days)),
            )
            for version in page
        ]  # fmt: skip

    return heap_of("comments_to_answer", _("Comments to answer"), rows, items)


def exceptions_to_confirm(user: User) -> Heap:
    """Exceptions somebody else asked for; not those of plans the person handed in."""
    rows = (
        waivers.visible_to(user)
        .filter(within(prefixes(user, DECIDERS)), state=Waiver.State.PROPOSED)
        .exclude(proposed_by=user)
        .exclude(plan__versions__created_by=user)
        .defer("geom", "plan__village__geom", "plan__village__geom_web")
        .order_by("proposed_at", "pk")
    )

    def items(page: list[Waiver], user: User) -> list[Item]:
        action = str(_("Confirm or refuse an exception"))
        return [
            Item(
                "exceptions", of_plan(waiver), action, reverse("waiver", args=[waiver.pk]),
                facts=[conflicts.name(waiver.code), waiver.document_number],
            )
            for waiver in page
        ]  # fmt: skip

    return heap_of("exceptions", _("Exceptions that wait for a second person"), rows, items)


def of_plan(waiver: Waiver) -> PlanVersion:
    """The version with the plan that was read already."""
    waiver.version.plan = waiver.plan
    return waiver.version
