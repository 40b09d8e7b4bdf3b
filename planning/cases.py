"""The case of a version: who may see it as a whole, and how far it has come on its way."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

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


# what happens next with a version, for people
NEXT: dict[str, str | Promise] = {
    State.DRAFT: gettext_lazy("The village committee or its planner asks the villagers (first round)."),
    State.ROUND1: gettext_lazy(
        "The committee records what the villagers said; the township sends the plan to joint review."
    ),
    State.JOINT_REVIEW: gettext_lazy(
        "Departments and experts give their opinions, each is answered; then the county hands the plan to the villagers’ assembly."
    ),
    State.ASSEMBLY: gettext_lazy(
        "The committee records the vote of the village; the township opens the public notice."
    ),
    State.NOTICE: gettext_lazy(
        "Residents comment, the village committee answers; then the notice closes and the quality check follows."
    ),
    State.QUALITY_CHECK: gettext_lazy("The township submits the plan when no error and no real conflict is left."),
    State.SUBMITTED: gettext_lazy("The county approves the plan with a decision letter, or returns it."),
    State.RETURNED: gettext_lazy("The village corrects the plan and hands in a new version."),
    State.APPROVED: gettext_lazy("The plan is published within 20 working days, by somebody who did not approve it."),
    State.PUBLISHED: gettext_lazy("The county hands the plan over to the province."),
    State.FILED: gettext_lazy("The county puts the plan in force."),
    State.IN_FORCE: gettext_lazy("The plan is in force until a newer version takes its place."),
    State.SUPERSEDED: gettext_lazy("A newer version has taken its place."),
    State.WITHDRAWN: gettext_lazy("The village hands in a new version, if it still wants the plan."),
}


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

    @property
    def ended(self) -> bool:
        return self.state in ENDED


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
