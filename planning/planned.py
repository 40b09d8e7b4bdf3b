"""Moving a planned day, and making a public notice longer: one transaction each, on the record, told to those concerned."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning import news, schedule
from planning.models import Notice, PlannedDate, PlanVersion, State
from planning.schedule import LAST_DAY
from portal import notify
from portal.audit import record
from portal.errors import Conflict, NotAllowed
from portal.models import User
from portal.templatetags.portal import day as said


@transaction.atomic
def set_date(version: PlanVersion, state: str, on: date, *, by: User, seen: date | None = None) -> PlanVersion:
    """Move the planned day of a state, or the last day of a running notice. `seen` is the day the person saw before: if
    somebody moved it meanwhile, that is said and nothing is changed. Raises NotAllowed, Conflict, PortalError."""
    version = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
    if not schedule.may_plan(by, version):
        raise NotAllowed(_("Only the township or the county plans the days of a version that is under way."))
    found = schedule.preview(version, state, on)
    if seen is not None and seen != found.before:
        raise moved_meanwhile(version, state, found.before)
    if state == LAST_DAY:
        extend(version.notice, on, by=by)
    else:
        row, _new = PlannedDate.objects.update_or_create(version=version, state=state, defaults={"on": on, "by": by})
        put_on_record("date.planned", version, by, state, found.before, row.on)
    tell_moved(version, state, on, by)
    return version


def extend(notice: Notice, closes_on: date, *, by: User) -> None:
    """Make a notice longer; the condition keeps it from ever becoming shorter, whoever comes at the same time."""
    before = notice.closes_on
    if not Notice.objects.filter(pk=notice.pk, closes_on__lt=closes_on).update(closes_on=closes_on):
        raise Conflict(_("The notice was made longer meanwhile. Open the page again."), code="moved")
    put_on_record("notice.extended", notice.version, by, LAST_DAY, before, closes_on)


def put_on_record(verb: str, version: PlanVersion, by: User, what: str, before: date, after: date) -> None:
    record(
        verb, version, by=by,
        before={"what": what, "on": before.isoformat()}, after={"what": what, "on": after.isoformat()},
    )  # fmt: skip


def moved_meanwhile(version: PlanVersion, state: str, now: date) -> Conflict:
    row = schedule.planned_for(version, state)
    data: dict[str, Any] = {"now": now.isoformat()}
    if row is None or row.by is None:
        return Conflict(_("That day is now %(day)s. Look at what moves once more.") % {"day": said(now)},
                        code="moved", data=data)  # fmt: skip
    return Conflict(
        _("%(who)s moved that day to %(day)s meanwhile. Look at what moves once more.")
        % {"who": row.by, "day": said(now)}, code="moved", data=data,
    )  # fmt: skip


def tell_moved(version: PlanVersion, state: str, on: date, by: User) -> None:
    people = notify.holders([*news.AUTHORS, *schedule.PLANNERS], version.division_code)
    label: str | Promise = gettext_lazy("Last day of the public notice") if state == LAST_DAY else State(state).label
    notify.tell(
        [person for person in people if person.pk != by.pk], "date_moved", url=news.page_of(version), state=label, day=on,
        **news.named(version),
    )  # fmt: skip
