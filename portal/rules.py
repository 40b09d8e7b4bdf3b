"""Shared predicates of the permission sentences: who acts for which division."""

import rules

from portal.models import Role, User
from portal.models.accounts import division_prefix

OFFICIALS = (Role.TOWNSHIP, Role.COUNTY_REVIEWER, Role.COUNTY_LEADER, Role.CITY, Role.PROVINCE, Role.ADMINISTRATOR)
AUDITORS = (Role.AUDITOR, Role.ADMINISTRATOR)
COUNTY_DIGITS = 6
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


def may_audit(user: User) -> bool:
    """Reads the record of acts: auditor or administrator of a county or above; the record is not divided by places."""
    return any(len(prefix) <= COUNTY_DIGITS for prefix in prefixes(user, AUDITORS)) or (
        user.is_authenticated and user.is_active and user.is_superuser
    )


def role_here(*roles: str) -> rules.Predicate:
    """Predicate: the user holds one of `roles` over the object's `division_code`."""

    @rules.predicate(name="role_here:" + ",".join(roles))
    def check(user: User, obj: object) -> bool:
        return obj is not None and has_role(user, roles, obj.division_code)

    return check


is_signed_in = rules.is_authenticated

__all__ = [
    "AUDITORS",
    "OFFICIALS",
    "STAFF",
    "division_prefix",
    "has_role",
    "is_signed_in",
    "may_audit",
    "prefixes",
    "role_here",
]
