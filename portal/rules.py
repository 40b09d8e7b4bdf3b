"""Shared predicates of the permission sentences: who acts for which division."""

import rules

from portal.models import Role, User
from portal.models.accounts import division_prefix

OFFICIALS = (Role.TOWNSHIP, Role.COUNTY_REVIEWER, Role.COUNTY_LEADER, Role.CITY, Role.PROVINCE, Role.ADMINISTRATOR)
STAFF = (Role.COMMITTEE, Role.PLANNER, *OFFICIALS)


def has_role(user: User, roles: tuple[str, ...], division_code: str) -> bool:
    """True if the user holds one of the roles in the division itself or in one above it, today."""
    if not user.is_authenticated or not user.is_active:
        return False
    return any(m.role in roles and division_code.startswith(m.prefix) for m in user.active_memberships())


def prefixes(user: User, roles: tuple[str, ...] | None = None) -> list[str]:
    """Code prefixes of the divisions the user acts for; empty for strangers."""
    if not user.is_authenticated or not user.is_active:
        return []
    return [m.prefix for m in user.active_memberships() if roles is None or m.role in roles]


def role_here(*roles: str) -> rules.Predicate:
    """Predicate: the user holds one of `roles` over the object's `division_code`."""

    @rules.predicate(name="role_here:" + ",".join(roles))
    def check(user: User, obj: object) -> bool:
        return obj is not None and has_role(user, roles, obj.division_code)

    return check


is_signed_in = rules.is_authenticated

__all__ = ["OFFICIALS", "STAFF", "division_prefix", "has_role", "is_signed_in", "prefixes", "role_here"]
