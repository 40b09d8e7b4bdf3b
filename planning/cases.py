"""The case of a version: who may see it as a whole, and how far it has come on its way."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from planning import procedures
from planning.models import ENDED, Commission, PlanVersion, State, Step
from planning.models.plans import asked
from portal.models import User
from portal.rules import STAFF, prefixes


def visible_to(user: User) -> QuerySet[PlanVersion]:
    """Versions whose case a person may open: staff of the division, and who was asked for an opinion on it."""
    seen = Q(pk__in=asked(user))
    for prefix in prefixes(user, STAFF):
        seen |= Q(plan__village__division__code__startswith=prefix)
    return PlanVersion.objects.with_plan().filter(seen)


@dataclass(frozen=True)
class Stage:
    """A state on the way of a version: passed, where it stands, still ahead, or left out."""

    state: State
    status: str  # done, now, ahead, left_out
    at: datetime | date | None = None
    by: User | None = None

    @property
    def label(self) -> str:
        return str(self.state.label)


def stages(version: PlanVersion) -> list[Stage]:
    """All states of the version’s track in their order, with day and person of those that were reached."""
    reached: dict[str, Step] = {step.to_state: step for step in version.steps.select_related("by")}
    way = procedures.of_version(version).way(version.track)
    here = State(version.state)
    last = max((way.index(State(s)) for s in reached if s in way), default=0)
    found = [begun(version), drafted(version)]
    for index, state in enumerate(way):
        if state == State.DRAFT:
            continue
        if step := reached.get(state):
            found.append(Stage(state, "now" if state == here else "done", step.at, step.by))
        else:
            found.append(Stage(state, "left_out" if index < last or here in ENDED else "ahead"))
    if here in ENDED:
        end = reached.get(here)
        found.append(Stage(here, "now", end.at if end else None, end.by if end else None))
    return [stage for stage in found if stage]


def begun(version: PlanVersion) -> Stage | None:
    """The commission, if there is one."""
    row = Commission.objects.filter(plan=version.plan_id).select_related("by").first()
    return Stage(State.COMMISSIONED, "done", row.issued_on, row.by) if row else None


def drafted(version: PlanVersion) -> Stage:
    status = "now" if version.state == State.DRAFT else "done"
    return Stage(State.DRAFT, status, version.created_at, version.created_by)
