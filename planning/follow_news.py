"""What followers are told (关注动态): only what is public, each thing once, many people with as few queries as one.

Steps start a job after their transaction; the scheduler brings what a day brings: the end of a notice, answers.
"""

import datetime
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planning import comparing, deadlines, procedures
from planning.models import DECIDED, Comment, Follow, PlanVersion, State
from planning.zone_changes import SLIVER_M2
from portal import jobs, notify
from portal.geo import crs
from portal.models import Notification

KIND = "planning.tell_followers"
TOLD = {
    State.NOTICE,
    State.APPROVED,
    State.PUBLISHED,
    State.IN_FORCE,
    State.RETURNED,
    State.WITHDRAWN,
    State.SUPERSEDED,
}
"""states that followers hear of"""
BATCH = 1000
NAMED = 8
"""numbers of zones that are named; of more only how many there are"""
FROM_HOUR = 8
"""nobody is told in the night what the day brought"""
LONGEST_REMINDER = datetime.timedelta(days=60)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def moved(version: PlanVersion) -> None:
    """A version has entered a state: followers are told by a job, so that no step waits for them or fails by them."""
    if version.state in TOLD and version.is_public and Follow.objects.filter(village=version.division_code).exists():
        jobs.start(KIND, by=None, version=version.pk, state=version.state)


def tell_of_state(pk: str, state: str) -> int:
    """Tell those who follow the plan or its village of a state, and those who follow an area what is different there."""
    version = public().filter(pk=pk).first()
    if version is None:
        return 0
    done = 0
    if state != State.SUPERSEDED or version.steps.filter(to_state=State.SUPERSEDED, from_state__in=DECIDED).exists():
        kind, values = news_of(version, state)
        done += tell_plan(version, kind, f"state:{pk}:{state}", values)  # as officials are told: nobody twice
    if opened_by(version, state):
        done += tell_areas(version)
    return done


def opened_by(version: PlanVersion, state: str) -> bool:
    """Whether a version became public by entering this state: later ones show the same zones."""
    opened = version.steps.filter(to_state__in=(State.NOTICE, *DECIDED)).order_by("pk").first()
    return opened is not None and opened.to_state == state


def public() -> QuerySet[PlanVersion]:
    """Versions that everybody may see."""
    return PlanVersion.objects.visible_to(AnonymousUser()).with_plan().select_related("notice")


def news_of(version: PlanVersion, state: str) -> tuple[str, dict[str, Any]]:
    if state == State.NOTICE:
        return "notice_opened", {"day": version.notice.closes_on}
    if state == State.IN_FORCE:
        return "in_force", {}
    return "step_made", {"state": State(state).label}


def tell_plan(version: PlanVersion, kind: str, once: str, values: dict[str, Any]) -> int:
    """The same sentence for everybody who follows the plan or the village as a whole."""
    key, kept = notify.key_of(once), notify.ready(kind, {**named(version), **values})
    rows = Follow.objects.filter(Q(plan=version.plan_id) | Q(village=version.division_code, plan=None, area=None))
    people = rows.filter(user__is_active=True).order_by("user").values_list("user", flat=True).distinct()
    new = (Notification(user_id=u, kind=kind, values=kept, url=page_of(version), once=key) for u in people)
    return in_batches(new)


def in_batches(rows: Iterator[Notification]) -> int:
    done = 0
    while batch := list(islice(rows, BATCH)):
        done += len(notify.keep(batch, once=True))
    return done


def named(version: PlanVersion) -> dict[str, Any]:
    return {"plan": version.plan.name, "number": version.number}


def page_of(version: PlanVersion) -> str:
    return reverse("version", args=[version.pk])


def lazily(words: Callable[[], str]) -> Promise:
    """Words that are made in the language of whoever reads them."""
    return lazy(words, str)()


# --- areas


def areas_of(village: str) -> tuple[list[Follow], np.ndarray]:
    """Areas that active people follow in a village, and their shapes (EPSG:4490)."""
    rows = list(Follow.objects.filter(village=village, area__isnull=False, user__is_active=True).order_by("pk"))
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = shapely.from_wkb([bytes(row.area.wkb) for row in rows])
    return rows, shapes


def tell_areas(version: PlanVersion) -> int:
    """Who follows an area is told how many zones in it differ from the public version before, and which; of the first
    public version, which lie in it. Who has no difference is told nothing."""
    rows, areas = areas_of(version.division_code)
    if not rows:
        return 0
    before = public().filter(plan=version.plan_id, number__lt=version.number).order_by("number").last()
    numbers, zones = zones_that_differ(before, version)
    return in_batches(
        area_row(version, before, row, [numbers[i] for i in met]) for row, met in zip(rows, met_by(areas, zones), strict=True) if met
    )  # fmt: skip


def zones_that_differ(before: PlanVersion | None, version: PlanVersion) -> tuple[list[int], np.ndarray]:
    """Numbers and shapes of zones that are not as they were in the version before; of those that are gone the old ones."""
    new = comparing.zones_of(version)
    if before is None:
        return new.numbers, new.geoms
    changes = comparing.changed(comparing.compare(before, version))
    differ = {number for change in changes for number in change.new}
    gone = {number for change in changes if not change.new for number in change.old}
    old = comparing.zones_of(before)
    here = [i for i, number in enumerate(new.numbers) if number in differ]
    there = [i for i, number in enumerate(old.numbers) if number in gone]
    numbers = [*(new.numbers[i] for i in here), *(old.numbers[i] for i in there)]
    return numbers, np.concatenate([new.geoms[here], old.geoms[there]])


def met_by(areas: np.ndarray, zones: np.ndarray) -> list[list[int]]:
    """For each area the rows of the zones that lie in it with more than a sliver."""
    met: list[list[int]] = [[] for _area in areas]
    a, z = shapely.STRtree(zones).query(areas, predicate="intersects")
    common = crs.area_m2(shapely.intersection(areas[a], zones[z])) if len(a) else np.zeros(0)
    for area, zone, m2 in zip(a.tolist(), z.tolist(), common.tolist(), strict=True):
        if m2 > SLIVER_M2:
            met[area].append(zone)
    return met


def area_row(version: PlanVersion, before: PlanVersion | None, row: Follow, numbers: list[int]) -> Notification:
    count = len(numbers)

    def told() -> dict[str, Any]:
        return {
            "count": count,
            "zones": _(", ").join(map(str, sorted(numbers)[:NAMED])) + (" …" if count > NAMED else ""),
        }

    values = {**named(version), "area": name_of(row)}
    if before is None:
        kind, url = "area_new", page_of(version)
        values["zones"] = lazily(lambda: ngettext("zone %(zones)s", "%(count)d zones (%(zones)s)", count) % told())
    else:
        kind, url = "area_changed", reverse("version-compare", args=[version.pk])
        values["zones"] = lazily(
            lambda: ngettext("zone %(zones)s differs", "%(count)d zones (%(zones)s) differ", count) % told()
        )
        values["before"] = before.number
    kept = notify.ready(kind, values)
    return Notification(
        user_id=row.user_id, kind=kind, values=kept, url=url, once=notify.key_of(f"area:{row.pk}:{version.pk}")
    )


def name_of(row: Follow) -> str | Promise:
    return row.name or lazily(lambda: _("your area"))


# --- what a day brings


def tell_today(now: datetime.datetime) -> int:
    """Remind of notices that end soon, and tell of yesterday's answers: by day, each once however often it is called."""
    with timezone.override(SHANGHAI):
        if timezone.localtime(now).hour < FROM_HOUR:
            return 0
        today = timezone.localdate(now)
        return sum(remind(version, today) for version in ending(today)) + tell_answers(today)


def ending(today: datetime.date) -> list[PlanVersion]:
    """Versions that somebody follows, whose notice ends within the days at which their procedure reminds of it."""
    running = public().filter(state=State.NOTICE, notice__closes_on__range=(today, today + LONGEST_REMINDER))
    followed = Follow.objects.filter(area=None)
    rows = list(running.filter(plan__village__in=followed.values("village")))
    deadlines.remember_procedures(rows)
    return rows


def remind(version: PlanVersion, today: datetime.date) -> int:
    ends = version.notice.closes_on
    days = (ends - today).days
    stages = [stage for stage in procedures.of_version(version).reminders("notice") if days <= stage]
    if not stages:
        return 0
    left = lazily(lambda: deadlines.left_words(days, working=False))
    return tell_plan(
        version, "notice_ends_soon", f"follow:ends:{version.pk}:{min(stages)}:{ends}", {"day": ends, "left": left}
    )


def tell_answers(today: datetime.date) -> int:
    """One notification for each followed area in which public comments of others were answered yesterday."""
    midnight = datetime.datetime.combine(today, datetime.time(), SHANGHAI)
    yesterday = (midnight - datetime.timedelta(days=1), midnight)
    followed = Follow.objects.filter(area__isnull=False).values("village")
    answered = Comment.objects.filter(
        replies__created_at__gte=yesterday[0], replies__created_at__lt=yesterday[1], geom__isnull=False, hidden_at=None,
        version__in=public(), version__plan__village__in=followed,
    ).seen_by(AnonymousUser())  # fmt: skip
    by_village: dict[str, dict[str, Comment]] = {}
    for comment in answered.select_related("version__plan__village").distinct():
        by_village.setdefault(comment.division_code, {})[comment.pk] = comment
    return sum(tell_village(code, list(found.values()), today) for code, found in by_village.items())


def tell_village(code: str, comments: list[Comment], today: datetime.date) -> int:
    rows, areas = areas_of(code)
    places = np.empty(len(comments), dtype=object)
    places[:] = shapely.from_wkb([bytes((comment.shape or comment.geom).wkb) for comment in comments])
    met: list[list[Comment]] = [[] for _row in rows]
    for area, place in zip(*shapely.STRtree(places).query(areas, predicate="intersects").tolist(), strict=True):
        if comments[place].author_id != rows[area].user_id:  # who wrote it was told already
            met[area].append(comments[place])
    return in_batches(answers_row(row, found, today) for row, found in zip(rows, met, strict=True) if found)


def answers_row(row: Follow, found: list[Comment], today: datetime.date) -> Notification:
    newest, count = max(found, key=lambda comment: comment.version.number), len(found)
    answers = lazily(
        lambda: ngettext("%(count)d comment was answered", "%(count)d comments were answered", count) % {"count": count}
    )
    values = {"answers": answers, "area": name_of(row), "place": newest.version.plan.village.short_name}
    return Notification(
        user_id=row.user_id, kind="area_answered", values=notify.ready("area_answered", values),
        url=f"{page_of(newest.version)}#comments", once=notify.key_of(f"answers:{row.pk}:{today}"),
    )  # fmt: skip
