"""Who is told that a version has entered a state: whoever makes the next step, and those who made the plan."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from planning import procedures
from planning.models import ENDED, PlanVersion, State
from planning.procedures import SYSTEM
from portal import notify
from portal.models import Role, User

AUTHORS = (Role.COMMITTEE, Role.PLANNER)
SILENT = (State.SUPERSEDED, State.DRAFT, State.COMMISSIONED)
"""states nobody needs to hear of: the newer version was told of already"""


def tell_of_state(version: PlanVersion, *, by: User | None) -> None:
    """Tell of the state a version is in now, but not whoever brought it there."""
    if version.state in SILENT:
        return
    kind, values = "step_made", {"state": State(version.state).label}
    if version.state == State.NOTICE:
        kind, values = "notice_opened", {"day": version.notice.closes_on}
    elif version.state == State.RETURNED:
        kind, values = "returned", {}
    elif version.state == State.IN_FORCE:
        kind, values = "in_force", {}
    following = [t.target for t in procedures.of_version(version).onward(version)]
    people = notify.holders([*AUTHORS, *actors(version, following)], version.division_code)
    notify.tell(
        [person for person in people if by is None or person.pk != by.pk],
        kind, url=page_of(version), once=f"state:{version.pk}:{version.state}", **named(version), **values,
    )  # fmt: skip


def actors(version: PlanVersion, ends: Iterable[str]) -> list[str]:
    """Roles that can make the step to one of the states: who must act."""
    ends = set(ends) - set(ENDED)
    steps = procedures.of_version(version).transitions
    made = [t for t in steps if t.target in ends and version.track in t.tracks]
    return sorted({role for t in made for role in t.who if role != SYSTEM})


def labels(roles: Iterable[str]) -> list[str]:
    """Names of roles, for people."""
    return [str(Role(role).label) for role in roles]


def named(version: PlanVersion) -> dict[str, Any]:
    return {"plan": version.plan.name, "number": version.number}


def name_of(version: PlanVersion) -> str:
    """“柳沟村（潮泉镇）第1版”, for lists."""
    village = version.plan.village
    town = village.division.parent
    return _("%(village)s (%(town)s), version %(number)s") % {
        "village": village.short_name, "town": town.name if town else "", "number": version.number
    }  # fmt: skip


def page_of(version: PlanVersion) -> str:
    """Where officials and authors deal with a version."""
    return reverse("case", args=[version.pk])
