"""How far it is known who an account belongs to (身份等级): not at all, invited by the code of a household, or verified.

An invitation counts in the village whose household was invited, and nowhere else; a verified identity counts everywhere.
"""

from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models import Person, Role, User


class Grade(models.TextChoices):
    """Grades of identity, each surer than the one before."""

    UNVERIFIED = "unverified", _("Not verified")
    INVITED = "invited", _("Invited by the code of a household")
    VERIFIED = "verified", _("Verified")

    def reaches(self, needed: str) -> bool:
        """Whether this grade is as sure as `needed`, or surer."""
        grades = list(Grade)
        return grades.index(self) >= grades.index(Grade(needed))


def member_of(user: User) -> Any:
    """The household (villages.HouseholdMember) by whose code the account was opened or to which it was added, or None."""
    rows = apps.get_model("villages.HouseholdMember").objects.filter(user=user)
    return rows.select_related("household__village").first()


def of(user: User, division_code: str) -> Grade:
    """The grade of an account in a village. Who holds a role beside resident was given it by an office that knows them."""
    if any(membership.role != Role.RESIDENT for membership in user.active_memberships()):
        return Grade.VERIFIED
    if Person.objects.filter(user=user, verified_at__isnull=False).exists():
        return Grade.VERIFIED
    member = member_of(user)
    return Grade.INVITED if member and member.household.village_id == division_code else Grade.UNVERIFIED
