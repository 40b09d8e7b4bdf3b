"""The states of a plan version: one table says who may move it and what must hold, one function moves it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from planning import gates
from planning.models import PlanVersion, State, Step
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User

Gate = Callable[[PlanVersion], str | None]


@dataclass(frozen=True)
class Transition:
    """One row of the table: from which states to which, the permission it needs, what must hold, what is said."""

    name: str
    sources: tuple[State, ...]
    target: State
    permission: str
    label: Promise
    gates: tuple[Gate, ...] = ()
    needs_note: bool = False


TRANSITIONS = {
    t.name: t
    for t in (
        Transition(
            "open_notice", (State.DRAFT,), State.NOTICE, "planning.open_notice", _("Open the public notice"),
            gates=(gates.results_computed, gates.no_content_errors),
        ),
        Transition(
            "close_notice", (State.NOTICE,), State.REVIEW, "planning.close_notice", _("Close the notice and submit for review"),
            gates=(gates.notice_days_over, gates.comments_answered),
        ),
        Transition(
            "return", (State.NOTICE, State.REVIEW), State.RETURNED, "planning.return_version", _("Return with reasons"),
            needs_note=True,
        ),
        Transition(
            "approve", (State.REVIEW,), State.APPROVED, "planning.approve", _("Approve"),
            gates=(gates.results_computed, gates.no_blocking_findings, gates.comments_answered),
        ),
        Transition(
            "supersede", (State.DRAFT, State.NOTICE, State.APPROVED), State.SUPERSEDED, "planning.supersede", _("Replace by a newer version"),
        ),
    )
}  # fmt: skip


def missing(version: PlanVersion, transition: Transition) -> list[str]:
    """What still stands in the way of a transition, as sentences for people."""
    return [str(text) for gate in transition.gates if (text := gate(version))]


def allowed(version: PlanVersion, user: User) -> list[Transition]:
    """Transitions from the present state that the user's role may make (the gates are another question)."""
    return [
        t for t in TRANSITIONS.values()
        if t.name != "supersede" and version.state in t.sources and user.has_perm(t.permission, version)
    ]  # fmt: skip


@transaction.atomic
def move(version: PlanVersion, name: str, *, by: User | None, note: str = "") -> PlanVersion:
    """Move a version along the table; alone writes `state`. Of two people who decide at once exactly one wins.

    `by=None` is the portal itself (a newer version supersedes an older one). Raises NotAllowed, Conflict, PortalError.
    """
    transition = TRANSITIONS.get(name)
    if transition is None:
        raise PortalError(_("There is no step called “%(name)s”.") % {"name": name}, code="unknown_step")
    version = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
    if by is not None and not by.has_perm(transition.permission, version):
        raise NotAllowed(_("Your role may not make this step: %(step)s.") % {"step": transition.label})
    if version.state not in transition.sources:
        raise Conflict(
            _("The version is now “%(state)s”; this step is not possible any more.")
            % {"state": version.get_state_display()},
            code="wrong_state",
        )
    if transition.needs_note and not note.strip():
        raise PortalError(_("Please give the reasons."), code="note_missing")
    if by is not None and name == "approve" and version.created_by_id == by.pk:
        raise NotAllowed(_("Whoever handed in a plan may not approve it."), code="own_plan")
    if lacking := missing(version, transition):
        raise Conflict(" ".join(lacking), code="gate", data={"missing": lacking})
    return _write(version, transition, by, note.strip())


def _write(version: PlanVersion, transition: Transition, by: User | None, note: str) -> PlanVersion:
    before = version.state
    if transition.target in (State.NOTICE, State.APPROVED):  # only one version is open or in force at a time
        for older in PlanVersion.objects.filter(plan=version.plan, state=transition.target).exclude(pk=version.pk):
            move(older, "supersede", by=None, note=str(version.number))
    version.state = transition.target
    if transition.target == State.NOTICE:
        version.published_at = timezone.now()
        gates.open_days(version)
    version.save(update_fields=["state", "published_at"])
    Step.objects.create(
        version=version, name=transition.name, from_state=before, to_state=version.state, by=by, note=note
    )
    record(
        f"version.{transition.name}", version, by=by,
        before={"state": before}, after={"state": version.state, "digest": version.digest, **({"note": note} if note else {})},
    )  # fmt: skip
    return version
