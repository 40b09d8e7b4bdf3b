"""Who acts where: users and their roles in administrative divisions."""

import json
import re

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from portal.sealing import SealedField, starred


class Role(models.TextChoices):
    """Roles of section 7 of the domain reference, each held in one division."""

    RESIDENT = "resident", _("Resident")
    COMMITTEE = "committee", _("Village committee")
    PLANNER = "planner", _("Planner")
    TOWNSHIP = "township", _("Township")
    COUNTY_REVIEWER = "county_reviewer", _("County reviewer")
    COUNTY_LEADER = "county_leader", _("County leader")
    CITY = "city", _("City")
    PROVINCE = "province", _("Province")
    DEPARTMENT = "department", _("Line department")
    EXPERT = "expert", _("Expert")
    ENTERPRISE = "enterprise", _("Enterprise or social organisation")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


JOINED = "cun"  # begins, before seven figures, the user name of an account opened with the code of a household
ERASED = "erased-"  # begins the user name of an account whose person has erased it


class Department(models.TextChoices):
    """Line departments (行业部门) whose opinion a plan needs in joint review (联合审查)."""

    AGRICULTURE = "agriculture", _("Agriculture and rural affairs")
    WATER = "water", _("Water resources")
    FORESTRY = "forestry", _("Forestry")
    ECOLOGY = "ecology", _("Ecology and environment")
    TRANSPORT = "transport", _("Transport")
    CULTURE = "culture", _("Culture and heritage")
    EMERGENCY = "emergency", _("Emergency management")
    HOUSING = "housing", _("Housing and construction")
    OTHER = "other", _("Other department")


class User(AbstractUser):
    """A person. `full_name` is the real name (后台实名); the public sees only `masked_name`."""

    full_name = SealedField(_("full name"), max_length=50, blank=True)
    # what stands in front of the real name (前台昵称), of the person's own choice; empty: the name is masked
    nickname = models.CharField(_("nickname"), max_length=20, blank=True, db_default="")
    # raised when somebody signs an account out everywhere
    sessions_ended = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    @property
    def masked_name(self) -> str:
        """柳先生 must not be found by his comment: the family name stays, the rest becomes stars."""
        if self.username.startswith(ERASED):
            return str(self)
        if self.nickname and not self.holds_office:
            return self.nickname
        return self.starred_name

    @property
    def starred_name(self) -> str:
        """The real name masked, for who compares it with a card; a nickname would say nothing there."""
        if not self.full_name and re.fullmatch(rf"{JOINED}\d+", self.username):
            return str(_("Villager"))
        return starred(self.full_name or self.username)

    def __str__(self) -> str:
        if self.username.startswith(ERASED):
            return str(_("former user"))
        return self.full_name or self.username

    def active_memberships(self) -> list["Membership"]:
        """Memberships valid today, read once per user object."""
        if not hasattr(self, "_active_memberships"):
            known = getattr(self, "_prefetched_objects_cache", {}).get("memberships")
            # a page with many names reads the roles of all at once
            rows = self.memberships.active() if known is None else [m for m in known if m.holds_today]
            self._active_memberships = list(rows)
        return self._active_memberships

    @property
    def holds_office(self) -> bool:
        """Acts for others (管理人员): any role but resident and enterprise today, or the right to administer."""
        if self.is_staff or self.is_superuser:
            return True
        return any(m.role not in (Role.RESIDENT, Role.ENTERPRISE) for m in self.active_memberships())

    def get_session_auth_hash(self) -> str:
        """Django compares it at each request: whatever changes here ends the sessions and tokens of before.

        Roles are read anew, so that one that begins or ends today counts today."""
        self._active_memberships = list(self.memberships.active())
        roles = sorted([m.role, m.division_code, m.department] for m in self._active_memberships)
        rights = [self.pk, self.is_active, self.is_staff, self.is_superuser, self.sessions_ended, roles]
        return salted_hmac("portal.session", json.dumps([self.password, *rights]), algorithm="sha256").hexdigest()


class MembershipQuerySet(models.QuerySet):
    def active(self) -> "MembershipQuerySet":
        today = timezone.localdate()
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=today), Q(valid_to=None) | Q(valid_to__gte=today))


class Membership(models.Model):
    """A role (角色) in a division (行政区划), with the days it is valid: a contracted planner leaves."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    division_code = models.CharField(_("division code"), max_length=12)
    department = models.CharField(
        _("department"), max_length=20, choices=Department.choices, blank=True, db_default="",
        help_text=_("Only for the role of a line department."),
    )  # fmt: skip
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "division_code", "department"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role="department") ^ Q(department=""), name="membership_department_of_departments"
            ),
            models.CheckConstraint(condition=Q(division_code__regex=r"^\d{12}$"), name="membership_division_12_digits"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=models.F("valid_to")),
                name="membership_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.division_code}"

    @property
    def holds_today(self) -> bool:
        today = timezone.localdate()
        return (self.valid_from or today) <= today <= (self.valid_to or today)

    @property
    def prefix(self) -> str:
        """The significant digits of the division code: 370983000000 covers everything that starts with 370983."""
        return division_prefix(self.division_code)


def division_prefix(code: str) -> str:
    """Significant digits of a 12-digit code (2 province, 4 city, 6 county, 9 township, 12 village)."""
    for length in (2, 4, 6, 9):
        if code[length:] == "0" * (12 - length):
            return code[:length]
    return code
