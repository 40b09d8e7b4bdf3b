"""The calendar that acts by itself: opens and closes notices, puts plans in force, reminds, and tells who is late.

`keep` comes by every minute, and may come twice at once: a step is made under the lock of its version, a reminder is
claimed on its deadline, and the same thing is told once. Days are those of Asia/Shanghai, whatever the server thinks.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planning import deadlines, gates, late, news, procedures, reviews, workflow
from planning.models import ENDED, MODERATORS, Comment, Deadline, PlanVersion, State
from planning.procedures import SYSTEM, Transition
from portal import notify, workdays
from portal.errors import Conflict
from portal.models import Role, User
from portal.workdays import Calendar

logger = logging.getLogger(__name__)

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONGEST_REMINDER = 60 * workdays.ONE_DAY
"""no procedure reminds of the end of a notice earlier (planning/data/procedure.schema.json)"""
AHEAD = 60 * workdays.ONE_DAY
"""no reminder is sent earlier than this before the last day"""


def keep(now: datetime) -> Counter:
    """Do what is due by now; how many of each were done. What fails is logged and does not stop the others."""
    done: Counter = Counter()
    with timezone.override(SHANGHAI):
        today = timezone.localdate(now)
        for version in versions_due(today):
            attempt(done, "steps", make_step, version, today)
        for version in notices_ending(today):
            attempt(done, "notice_reminders", remind_of_end, version, today)
        for version in late.unlooked(today):
            attempt(done, "late_looks", tell_of_looks, version)
        rows, calendars = open_deadlines()
        for deadline in rows:
            attempt(done, "deadlines", look_at, deadline, calendars[deadline.version.division_code], now)
    return done


def attempt(done: Counter, name: str, act: Callable[..., int], subject: Any, *arguments: Any) -> None:
    """One act; each writes in a transaction of its own."""
    try:
        done[name] += act(subject, *arguments)
    except Exception:
        logger.exception("the calendar could not deal with %s", subject)
        done["failed"] += 1


# --- steps the portal makes


def versions_due(today: date) -> list[PlanVersion]:
    """Versions with a step of the portal's own that is due."""
    before_notice = [s for s in State if workflow.ORDER[s] < workflow.ORDER[State.NOTICE]]
    found = (
        Q(state=State.NOTICE, notice__closes_on__lt=today)
        | Q(state__in=before_notice, planned_dates__state=State.NOTICE, planned_dates__on__lte=today)
        | Q(state=State.FILED)
    )
    rows = list(PlanVersion.objects.with_plan().filter(found).distinct().order_by("created_at"))
    deadlines.remember_procedures(rows)
    return [version for version in rows if (step := own_step(version)) and is_due(version, step, today)]


def own_step(version: PlanVersion) -> Transition | None:
    """The step the portal itself may make from here."""
    steps = procedures.of_version(version).onward(version)
    return next((t for t in steps if SYSTEM in t.who and t.target not in ENDED), None)


def is_due(version: PlanVersion, step: Transition, today: date) -> bool:
    """A notice closes after its last day, which the database was asked for; all else on its planned day, or when the
    usual stay is over."""
    if version.state == State.NOTICE:
        return True
    planned = version.planned_dates.filter(state=step.target).values_list("on", flat=True).first()
    if planned or step.target == State.NOTICE:
        return planned is not None and planned <= today
    since = timezone.localdate(version.steps.last().at)
    row = procedures.of_version(version).content["planned"].get(version.state, {"days": 0, "working": False})
    return deadlines.due(since, row, workdays.of(version.division_code)) <= today


def make_step(version: PlanVersion, today: date) -> int:
    """Hand the version on if the gates hold; else tell those who must act what is missing, once a day."""
    step = own_step(version)
    try:
        workflow.move(version, step.name, by=None)
    except Conflict as error:
        if error.code == "gate":
            tell_missing(version, step, today)
        return 0  # or somebody was quicker
    return 1


def tell_missing(version: PlanVersion, step: Transition, today: date) -> None:
    people = notify.holders([*step.who, Role.COMMITTEE], version.division_code)
    notify.tell(
        people, "step_blocked", url=news.page_of(version), once=f"blocked:{version.pk}:{step.name}:{today}",
        step=lazily(lambda: step.label), missing=lazily(lambda: " ".join(workflow.missing(version, step))),
        **news.named(version),
    )  # fmt: skip


def lazily(words: Callable[[], str]) -> Promise:
    """Words that are made in the language of whoever reads them."""
    return lazy(words, str)()


# --- the end of a notice


def notices_ending(today: date) -> list[PlanVersion]:
    """Versions whose notice ends within the days at which their procedure reminds of it."""
    running = PlanVersion.objects.with_plan().select_related("notice")
    rows = list(running.filter(state=State.NOTICE, notice__closes_on__range=(today, today + LONGEST_REMINDER)))
    deadlines.remember_procedures(rows)
    return [version for version in rows if stages_of_end(version, today)]


def stages_of_end(version: PlanVersion, today: date) -> list[int]:
    """The days before the end of a notice, of those the procedure names, that are reached."""
    left = (version.notice.closes_on - today).days
    return [days for days in procedures.of_version(version).reminders("notice") if left <= days]


def remind_of_end(version: PlanVersion, today: date) -> int:
    """Remind of the comments that wait, those on earlier versions too, each number of days before the end once."""
    ends = version.notice.closes_on
    stage = min(stages_of_end(version, today))
    waiting = Comment.objects.to_answer().filter(version__in=gates.heard_with(version)).count()
    return len(
        notify.tell(
            notify.holders([Role.COMMITTEE, Role.TOWNSHIP], version.division_code), "notice_ends", day=ends,
            url=f"{reverse('review', args=[version.pk])}#comments", once=f"ends:{version.pk}:{stage}:{ends}",
            comments=lazily(lambda: comments_words(waiting)), **news.named(version),
        )
    )  # fmt: skip


def comments_words(count: int) -> str:
    if not count:
        return _("every comment is answered")
    return ngettext("%(count)d comment waits for an answer", "%(count)d comments wait for an answer", count) % {
        "count": count
    }


# --- comments that nobody has looked at


def tell_of_looks(version: PlanVersion) -> int:
    """Say once of each day by which somebody should have looked that it is past: to township and county, who look at comments,
    and of whom one is above the other."""
    count = version.late_looks
    return len(
        notify.tell(
            notify.holders(MODERATORS, version.division_code), "deadline_late", day=version.look_by,
            url=reverse("comments-look", args=[version.pk]), once=f"look:{version.pk}:{version.look_by}",
            what=lazily(lambda: late.looks_words(count)), **news.named(version),
        )
    )  # fmt: skip


# --- deadlines


def open_deadlines() -> tuple[list[Deadline], dict[str, Calendar]]:
    """What is not met yet, with the calendars of the villages; as many queries for many as for one."""
    rows = list(
        Deadline.objects.filter(met_at=None).select_related("version__plan__village__division", "request__expert")
    )
    deadlines.remember_procedures([row.version for row in rows])
    return rows, workdays.of_many(row.version.division_code for row in rows)


def look_at(seen: Deadline, calendar: Calendar, now: datetime) -> int:
    """Count a deadline anew if the calendar changed, remind of it, or say that it is late: under its lock, if at all."""
    today = timezone.localdate(now)
    if {moved_to(seen, calendar), stage_of(seen, calendar, today)} == {None} and not is_late(seen, today):
        return 0
    return deal_with(seen, calendar, now, today)


@transaction.atomic
def deal_with(seen: Deadline, calendar: Calendar, now: datetime, today: date) -> int:
    deadline = Deadline.objects.select_for_update().filter(pk=seen.pk, met_at=None).first()
    if deadline is None:
        return 0
    deadline.version, deadline.request = seen.version, seen.request
    done = 0
    if due_on := moved_to(deadline, calendar):
        deadline.due_on = due_on
        if due_on >= today:
            deadline.escalated_at = None
        done += tell_of(deadline, "deadline_counted_anew", f"anew:{due_on}")
    if (stage := stage_of(deadline, calendar, today)) is not None:
        days = deadlines.left(deadline.due_on, working=working(deadline), calendar=calendar, today=today)
        words = lazily(lambda: deadlines.left_words(days, working=working(deadline)))
        tell_of(deadline, "deadline_near", f"near:{stage}:{deadline.due_on}", left=words)
        deadline.reminded_at, done = now, done + 1
    if is_late(deadline, today):
        tell_of(deadline, "deadline_late", f"late:{deadline.due_on}", escalate=True)
        deadline.escalated_at, done = now, done + 1
    deadline.save(update_fields=["due_on", "reminded_at", "escalated_at"])
    return done


def working(deadline: Deadline) -> bool:
    return deadlines.row_of(deadline.version, deadline.kind)["working"]


def moved_to(deadline: Deadline, calendar: Calendar) -> date | None:
    """The new last day, if a county decided on a day meanwhile or the list of the year came out; a request keeps its own."""
    row = deadlines.row_of(deadline.version, deadline.kind)
    if deadline.request_id or not row["working"]:
        return None
    due_on = deadlines.due(deadline.began_on, row, calendar)
    return due_on if due_on != deadline.due_on else None


def stage_of(deadline: Deadline, calendar: Calendar, today: date) -> int | None:
    """How many days before the last one a reminder is due now that was not sent yet."""
    if not today <= deadline.due_on <= today + AHEAD:
        return None
    row = deadlines.row_of(deadline.version, deadline.kind)

    def left(day: date) -> int:
        return deadlines.left(deadline.due_on, working=row["working"], calendar=calendar, today=day)

    stages = [days for days in row["remind"] if left(today) <= days]
    if not stages:
        return None
    if deadline.reminded_at and left(timezone.localdate(deadline.reminded_at)) <= min(stages):
        return None
    return min(stages)


def is_late(deadline: Deadline, today: date) -> bool:
    return deadline.due_on < today and deadline.escalated_at is None


def tell_of(deadline: Deadline, kind: str, once: str, *, escalate: bool = False, **values: Any) -> int:
    version = deadline.version
    notify.tell(
        people_of(deadline, escalate=escalate), kind, once=f"deadline:{deadline.pk}:{once}",
        url=reviews.page_of(deadline.request) if deadline.request else news.page_of(version),
        what=lazily(lambda: str(deadlines.label(deadline))), day=deadline.due_on, **news.named(version), **values,
    )  # fmt: skip
    return 1


def people_of(deadline: Deadline, *, escalate: bool) -> list[User]:
    """Who must act; of what is late also those above whom the procedure names."""
    version, row = deadline.version, deadlines.row_of(deadline.version, deadline.kind)
    above = row["late_to"] if escalate else []
    if deadline.request:
        return [*reviews.people_of(deadline.request), *notify.holders(above, version.division_code)]
    return notify.holders([*news.actors(version, row["ends"]), *above], version.division_code)
