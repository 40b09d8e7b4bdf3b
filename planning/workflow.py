"""The one function that moves a version, by the procedure of its division; the database refuses any other write of `state`."""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from planning import deadlines, decisions, follow_news, gates, generalised, procedures, second_person
from planning.models import DECIDED, ENDED, Decision, PlanVersion, State, Step
from planning.procedures import SYSTEM, Transition
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User
from portal.rules import has_role

ORDER = {state: rank for rank, state in enumerate(State.values)}


def missing(version: PlanVersion, transition: Transition) -> list[str]:
    """What still stands in the way of a transition, as sentences for people; not what is brought together with the step."""
    return lacking(version, [name for name in transition.gates if name not in gates.WITH_STEP])


def lacking(version: PlanVersion, names: Iterable[str]) -> list[str]:
    """The sentences of those gates that do not hold."""
    return [text for name in names if (text := gates.GATES[name](version))]


def may_make(user: User, transition: Transition, version: PlanVersion) -> bool:
    """The person holds one of the roles of the row over the village, today."""
    return has_role(user, transition.who, version.division_code)


def allowed(version: PlanVersion, user: User) -> list[Transition]:
    """Transitions from the present state that the user's role may make and that need nobody else (the gates are another
    question)."""
    return [
        t for t in procedures.of_version(version).onward(version)
        if may_make(user, t, version) and not second_person.barred(user, t.target, version)
    ]  # fmt: skip


@transaction.atomic
def move(
    version: PlanVersion,
    name: str,
    *,
    by: User | None,
    note: str = "",
    bring: Callable[[PlanVersion], None] | None = None,
) -> PlanVersion:
    """Move a version along the table; alone writes `state`. Of two people who decide at once exactly one wins.

    `by=None` is the portal itself: the calendar, or a newer version that takes an older one's place. `bring` writes what
    comes with the step (the points of a return), when nothing but the gates is left to ask. Raises NotAllowed, Conflict,
    PortalError.
    """
    version = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
    transition = procedures.of_version(version).find(name, version)
    if transition is None:
        raise PortalError(_("There is no step called “%(name)s”.") % {"name": name}, code="unknown_step")
    if by is None and SYSTEM not in transition.who:
        raise NotAllowed(_("Only a person may make this step: %(step)s.") % {"step": transition.label})
    if by is not None and not may_make(by, transition, version):
        raise NotAllowed(_("Your role may not make this step: %(step)s.") % {"step": transition.label})
    if version.state not in transition.sources:
        raise Conflict(already(version), code="wrong_state")
    if transition.needs_note and not note.strip():
        raise PortalError(_("Please give the reasons."), code="note_missing")
    if by is not None:
        second_person.check(by, transition.target, version)
    if bring is not None:
        bring(version)
    if absent := lacking(version, transition.gates):
        raise Conflict(" ".join(absent), code="gate", data={"missing": absent})
    return _write(version, transition, by, note.strip())


def already(version: PlanVersion) -> str:
    """Who was quicker: the state now, the person and the time of the last step."""
    last = version.steps.select_related("by").last()
    if last is None or last.by is None:
        return _("The version is now “%(state)s”; this step is not possible any more.") % {
            "state": version.get_state_display()
        }
    return _("The version is now “%(state)s”, by %(who)s at %(when)s; this step is not possible any more.") % {
        "state": version.get_state_display(), "who": last.by, "when": f"{timezone.localtime(last.at):%Y-%m-%d %H:%M}"
    }  # fmt: skip


def overtaken(version: PlanVersion, target: State) -> Iterable[PlanVersion]:
    """Other versions of the plan whose place this one takes when it reaches a state: none further on than it will be."""
    if target in (State.RETURNED, State.SUPERSEDED, State.WITHDRAWN, State.DRAFT):
        return []
    reached = [s for s in State.values if 0 < ORDER[s] <= ORDER[target]]
    if target not in DECIDED:
        reached = [s for s in reached if s not in DECIDED]
    # a draft that was handed in later is the next round, not an older one
    others = PlanVersion.objects.filter(plan=version.plan, state__in=reached).exclude(pk=version.pk)
    return others.filter(number__lt=version.number)


def _write(version: PlanVersion, transition: Transition, by: User | None, note: str) -> PlanVersion:
    before = version.state
    for older in overtaken(version, transition.target):
        move(older, "supersede", by=None, note=str(version.number))
    Step.objects.create(
        version=version, name=transition.name, from_state=before, to_state=transition.target, by=by, note=note,
        rule=procedures.of_version(version).rule,
    )  # fmt: skip
    version.state = transition.target
    if transition.target in (State.NOTICE, *DECIDED) and version.published_at is None:
        version.published_at = timezone.now()
        generalised.prepare(version)
    version.save(update_fields=["state", "published_at"])
    if transition.target in ENDED:
        decisions.drop_unissued(version, by=by)
    deadlines.entered(version, by=by)
    follow_news.moved(version)
    after = {"state": version.state, "digest": version.digest, **({"note": note} if note else {})}
    if transition.target == State.APPROVED:
        after |= approved(version)
    record(f"version.{transition.name}", version, by=by, before={"state": before}, after=after)
    return version


def approved(version: PlanVersion) -> dict[str, str]:
    """Issue the letter, which never changes from now on; what else an approval holds that later amendments are judged by."""
    Decision.objects.filter(version=version, issued_at=None).update(issued_at=timezone.now())
    letter = Decision.objects.filter(version=version).values_list("number", flat=True).first()
    return {"village_type": version.village.type, "decision": letter or ""}
