"""Whom the matrix asks: one person per role around 柳沟村, and for most of them a twin who works somewhere else."""

import datetime

from django.test import Client
from django.utils import timezone

from portal.models import Membership, Role, User
from tests import world

NEXT_TOWN, NEXT_COUNTY = "370983108000", "370982000000"
# twins and latecomers, beside the fixed cast of tests/world.py: role, division, department, days from today it ended
OTHERS = {
    "ended_planner": (Role.PLANNER, world.LIUGOU, "", -1),
    "other_planner": (Role.PLANNER, world.OTHER, "", None),
    "other_township": (Role.TOWNSHIP, NEXT_TOWN, "", None),
    "other_reviewer": (Role.COUNTY_REVIEWER, NEXT_COUNTY, "", None),
    "water": (Role.DEPARTMENT, world.COUNTY, "water", None),
    "other_expert": (Role.EXPERT, world.COUNTY, "", None),
    "enterprise": (Role.ENTERPRISE, world.COUNTY, "", None),
    "auditor": (Role.AUDITOR, world.COUNTY, "", None),
    "administrator": (Role.ADMINISTRATOR, world.COUNTY, "", None),
}
PEOPLE = [
    "anonymous", "stranger", "villager", "enterprise",
    "committee", "other_committee", "planner", "other_planner", "ended_planner", "township", "other_township",
    "reviewer", "other_reviewer", "leader", "agriculture", "water", "expert", "other_expert", "province", "auditor",
    "administrator",
]  # fmt: skip


def make_people() -> dict[str, User]:
    """All of them; agriculture and the expert are those who are asked for an opinion, water and other_expert are not."""
    people = vars(world.make_cast())
    for name, (role, code, department, ended) in OTHERS.items():
        user = User.objects.create_user(name, password="right-horse-battery", full_name=name)
        until = None if ended is None else timezone.localdate() + datetime.timedelta(days=ended)
        Membership.objects.create(user=user, role=role, division_code=code, department=department, valid_to=until)
        people[name] = user
    return people


def clients(people: dict[str, User]) -> dict[str, Client]:
    """A signed-in browser for each; it tells of a fault of the portal by its answer (500), as it would tell a person."""
    found = {}
    for name in PEOPLE:
        found[name] = Client(raise_request_exception=False)
        if name != "anonymous":
            found[name].force_login(people[name])
    return found
