"""Conditions of an approval (批复条件): set before the decision, frozen with it, later marked as met."""

from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from planning.models import DECIDED, Condition, PlanVersion, State
from planning.reviews import ANSWERERS, COUNTY, handed_in, held, who_when, words, zone_of
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User
from portal.notify import holders, tell
from portal.rules import has_role

TEXT_CHARS, NOTE_CHARS = 1000, 500


def may_set(user: User, version: PlanVersion) -> bool:
    return has_role(user, COUNTY, version.division_code) and not handed_in(user, version)


@transaction.atomic
def set_condition(
    version: PlanVersion, *, by: User, text: str, zone: int | None = None, due_on: date | None = None
) -> Condition:
    """Attach a condition to the approval to come, for a zone (its number) or the whole plan, perhaps with a last day."""
    check_right(by, version)
    version = before_decision(version)
    text = words(text, TEXT_CHARS, "text")
    if due_on is not None and due_on <= timezone.localdate():
        raise PortalError(_("The last day to meet a condition must lie after today."), code="due_on")
    number = (version.conditions.aggregate(last=Max("number"))["last"] or 0) + 1
    condition = Condition.objects.create(
        version=version, number=number, text=text, zone=zone_of(version, zone), due_on=due_on, set_by=by
    )
    record("condition.set", version, by=by, after={"number": number, "text": text, "zone": zone})
    return condition


@transaction.atomic
def drop_condition(condition: Condition, *, by: User) -> None:
    """Take a condition out again, before the decision."""
    check_right(by, condition.version)
    version = before_decision(condition.version)
    gone, _rows = version.conditions.filter(pk=condition.pk).delete()
    if not gone:
        raise Conflict(_("Somebody took this condition out already."), code="dropped")
    record("condition.dropped", version, by=by, before={"number": condition.number, "text": condition.text})


@transaction.atomic
def meet_condition(condition: Condition, *, by: User, note: str) -> Condition:
    """Mark a condition of an approval as met, once, and say how."""
    check_right(by, condition.version)
    version = held(condition.version)
    if version.state not in DECIDED:
        raise Conflict(_("A condition can be met once the plan is approved."), code="wrong_state")
    condition = Condition.objects.select_related("met_by").get(pk=condition.pk)
    if condition.met_at:
        raise Conflict(_("%(who)s marked this condition as met at %(when)s.") % who_when(condition.met_by, condition.met_at),
                       code="met")  # fmt: skip
    condition.met_at, condition.met_by, condition.met_note = timezone.now(), by, words(note, NOTE_CHARS, "note")
    condition.save(update_fields=["met_at", "met_by", "met_note"])
    record("condition.met", version, by=by, after={"number": condition.number, "note": condition.met_note})
    tell(holders(ANSWERERS, version.division_code), "condition_met", plan=version.plan.name)
    return condition


def check_right(by: User, version: PlanVersion) -> None:
    if not may_set(by, version):
        raise NotAllowed(
            _("Conditions are a matter of the county’s reviewers and leaders, but not of who handed in the plan.")
        )


def before_decision(version: PlanVersion) -> PlanVersion:
    """The version, held, while it is submitted and not decided."""
    version = held(version)
    if version.state != State.SUBMITTED:
        raise Conflict(
            _("Conditions are set while a plan is submitted for approval; the version is now “%(state)s”.")
            % {"state": version.get_state_display()}, code="wrong_state",
        )  # fmt: skip
    return version
