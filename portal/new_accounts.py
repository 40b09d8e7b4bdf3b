"""New accounts (新建账号): an administrator opens one for a person with a role in the own division, and hands over a link.

No password is made up or sent: the person sets one by a link that holds fifteen minutes and counts once (portal.passwords).
"""

import re
from datetime import date

from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import audit, passwords
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import Department, Membership, Role, User
from portal.models.accounts import ERASED, division_prefix
from portal.people import named
from portal.rules import prefixes

USERNAME = re.compile(r"[\w.@-]{3,60}")
TAKEN_BY_ADDRESSES = ("new",)
"""words that stand in the place of a user name in addresses of the portal"""


def may_open(by: User, role: str, division_code: str) -> bool:
    """An administrator over the division; another administrator only for a part of the own division, never for its equal."""
    if not by.is_active:
        return False
    if by.is_superuser:
        return True
    wanted = division_prefix(division_code)
    own = [prefix for prefix in prefixes(by, (Role.ADMINISTRATOR,)) if wanted.startswith(prefix)]
    return any(role != Role.ADMINISTRATOR or wanted != prefix for prefix in own)


@transaction.atomic
def open_account(
    *, by: User, username: str, full_name: str, role: str, division_code: str, department: str = "",
    valid_to: date | None = None,
) -> tuple[User, str]:  # fmt: skip
    """Make an account with one role, and the link by which its owner sets a password; both or neither."""
    if not may_open(by, role, division_code):
        raise NotAllowed(
            _("You may open accounts only for roles in your own division, and administrators only below it.")
        )
    username, full_name = username.strip(), named(full_name)
    if not USERNAME.fullmatch(username) or username in TAKEN_BY_ADDRESSES or username.startswith(ERASED):
        raise PortalError(_("A user name has 3 to 60 letters, digits or the signs . @ - _"), code="username")
    if not full_name:
        raise PortalError(_("Please write the name of the person."), code="full_name")
    check_role(role, division_code, department, valid_to)
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, full_name=full_name)
    except IntegrityError:
        raise Conflict(_("This user name is taken."), code="username") from None
    Membership.objects.create(
        user=user, role=role, division_code=division_code, department=department, valid_to=valid_to
    )
    said = {"role": role, "division": division_code, "department": department, "valid_to": str(valid_to or "")}
    audit.record("account.made", user, by=by, after={name: value for name, value in said.items() if value})
    return user, passwords.make_link(user, by=by)


def check_role(role: str, division_code: str, department: str, valid_to: date | None) -> None:
    """The role exists, lies in a division that exists, and is not over before it begins."""
    if role not in Role.values:
        raise PortalError(_("Please choose a role."), code="role")
    if not apps.get_model("villages.Division").objects.filter(pk=division_code).exists():
        raise PortalError(_("There is no division with this code of 12 digits."), code="division_code")
    if (role == Role.DEPARTMENT) != bool(department) or (department and department not in Department.values):
        raise PortalError(
            _("A department is chosen for the role of a line department, and only for it."), code="department"
        )
    if valid_to is not None and valid_to < timezone.localdate():
        raise PortalError(_("The last day of the role lies in the past."), code="valid_to")
