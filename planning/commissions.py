"""The task by which a plan is to be made (任务下达): it stands before any version."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from planning.models import Commission, Plan
from planning.writing import plan_name
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User
from villages.models import Village


def commission(
    village: Village, *, by: User, number: str, issued_on: date, due_on: date | None = None, note: str = ""
) -> Commission:
    """Commission the plan of a village: of the plan it has, or of a new one. There is one commission for a plan."""
    if not by.has_perm("planning.commission", village):
        raise NotAllowed(_("Only the township or the county commissions the plan of a village."))
    number, note = one_line(number), one_line(note)
    if not number or len(number) > 100:
        raise PortalError(_("Please give the number of the document, at most %(limit)d characters.") % {"limit": 100},
                          code="number")  # fmt: skip
    if due_on is not None and due_on < issued_on:
        raise PortalError(_("The plan cannot be due before it was commissioned."), code="due_on")
    try:
        with transaction.atomic():
            Village.objects.select_for_update(of=("self",)).get(pk=village.pk)  # an import may be making the plan
            plan = village.plans.first() or Plan.objects.create(village=village, name=plan_name(village))
            row = Commission.objects.create(
                plan=plan, number=number, issued_on=issued_on, due_on=due_on, note=note[:300], by=by
            )
            after = {"number": number, "issued_on": issued_on.isoformat(), "due_on": due_on and due_on.isoformat()}
            record("plan.commissioned", plan, by=by, after=after)
    except IntegrityError as error:
        raise Conflict(_("This plan was commissioned already."), code="commissioned") from error
    return row


def of_village(village: Village) -> Commission | None:
    """The commission of the village’s plan, whether or not anything was handed in yet."""
    return Commission.objects.filter(plan__village=village).select_related("plan", "by").first()


def one_line(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()
