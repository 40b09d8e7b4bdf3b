"""What an approval or a commission asks for by a day (批复条件、任务下达): reminded of like opinions, and said once when it is late.

The rows carry no marks: what was told is known by the keys of the notifications.
"""

import datetime
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from planning import deadlines, news, procedures
from planning.calendar import AHEAD, SHANGHAI, attempt, lazily
from planning.late import place_of
from planning.models import DECIDED, Commission, Condition, WorkflowRule
from portal import notify
from portal.models import Role

MEET, ABOVE_CONDITION = (Role.COMMITTEE, Role.TOWNSHIP), (Role.COUNTY_REVIEWER,)
"""who sees to a condition, and who hears of it besides when it is late; the same of a plan to be handed in"""
HAND_IN, ABOVE_COMMISSION = (Role.COMMITTEE, Role.PLANNER), (Role.TOWNSHIP, Role.COUNTY_REVIEWER)
LOOK_BACK = datetime.timedelta(days=14)
"""what is late longer was told, unless the scheduler stood still for so long"""


def keep(now: datetime.datetime) -> Counter:
    """Tell what is near its day or past it; how many were looked at. What fails is logged and does not stop the others."""
    done: Counter = Counter()
    with timezone.override(SHANGHAI):
        today = timezone.localdate(now)
        for condition in near(Condition.objects.filter(met_at=None, version__state__in=DECIDED), today).select_related(
            "version__plan__village__division"
        ):
            attempt(done, "conditions", tell_condition, condition, today)
        for commission in near(Commission.objects.filter(plan__versions=None), today).select_related(
            "plan__village__division__parent"
        ):
            attempt(done, "commissions", tell_commission, commission, today)
    return done


def near(rows: QuerySet, today: datetime.date) -> QuerySet:
    return rows.filter(due_on__range=(today - LOOK_BACK, today + AHEAD)).order_by("pk")


def tell_condition(condition: Condition, today: datetime.date) -> int:
    version = condition.version

    def tell(kind: str, once: str, roles: tuple[str, ...], **values: Any) -> int:
        people = notify.holders(roles, version.division_code)
        what = lazily(lambda: _("Condition %(number)d of the approval") % {"number": condition.number})
        key, page = f"condition:{condition.pk}:{once}", f"{news.page_of(version)}#conditions"
        return len(
            notify.tell(
                people,
                "deadline_late" if kind == "late" else "deadline_near",
                url=page,
                once=key,
                what=what,
                **news.named(version),
                **values,
            )
        )

    return tell_of_day(
        condition.due_on, today, procedures.of_version(version).reminders("opinion"), tell, MEET, ABOVE_CONDITION
    )


def tell_commission(commission: Commission, today: datetime.date) -> int:
    village = commission.plan.village
    rule = WorkflowRule.procedure_for(village.pk, today)

    def tell(kind: str, once: str, roles: tuple[str, ...], **values: Any) -> int:
        people, page = notify.holders(roles, village.pk), reverse("village", args=[village.pk])
        key = f"commission:{commission.pk}:{once}"
        where = lazily(lambda: place_of(village))
        if kind == "late":
            return len(notify.tell(people, "commission_late", url=page, once=key, village=where, **values))
        return len(notify.tell(people, "commission_near", url=page, once=key, village=where, **values))

    stages = procedures.of_rule(rule).reminders("opinion")
    return tell_of_day(commission.due_on, today, stages, tell, HAND_IN, ABOVE_COMMISSION)


def tell_of_day(
    due_on: datetime.date, today: datetime.date, stages: list[int], tell: Callable[..., int], roles: tuple[str, ...],
    above: tuple[str, ...],
) -> int:  # fmt: skip
    """Each stage before the last day once, and once that it is over; calendar days."""
    days = (due_on - today).days
    if days < 0:
        return tell("late", f"late:{due_on}", (*roles, *above), day=due_on)
    if reached := [stage for stage in stages if days <= stage]:
        left = lazily(lambda: deadlines.left_words(days, working=False))
        return tell("near", f"near:{min(reached)}:{due_on}", roles, day=due_on, left=left)
    return 0
