"""Households of a village: personal data, for the staff of the village's division only, never on public pages or in the API."""

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.sealing import SealedField


class Household(models.Model):
    """A registered household (户) with its homesteads (宅基地): who heads it, how many people, how much land."""

    village = models.ForeignKey("villages.Village", models.CASCADE, related_name="household_rows")
    number = models.CharField(_("household number"), max_length=40)
    head_name = SealedField(_("head of household"), max_length=50)
    persons = models.PositiveSmallIntegerField(_("persons"))
    homesteads = models.PositiveSmallIntegerField(_("homesteads"), null=True, blank=True)
    homestead_m2 = models.FloatField(_("homestead area, m²"), null=True, blank=True)
    # the middle of its homestead, so that its people find their own place on the plan
    place = models.PointField(srid=4490, null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=255, blank=True)
    # how many comments its accounts wrote on the last day they wrote any: of nobody in it, and of no other day
    comments_on = models.DateField(null=True, editable=False)
    comments = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        ordering = ["village_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="household_number_once"),
            models.CheckConstraint(
                condition=Q(homestead_m2=None) | Q(homestead_m2__gte=0), name="household_area_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village_id}-{self.number}"


class HouseholdCode(models.Model):
    """A code (户码) printed for a household, by which its people open accounts of their own: the first grade of identity.

    Only its digest is kept: whoever reads the database cannot use it. A new code ends the one before.
    """

    household = models.ForeignKey(Household, models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    valid_to = models.DateField(_("valid to"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    # accounts ever opened or added with it; who leaves the household frees no place for another
    uses = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["household"], condition=Q(ended_at=None), name="household_code_one_holds")
        ]

    def __str__(self) -> str:
        return f"{self.household_id} until {self.valid_to}"


class HouseholdMember(models.Model):
    """An account that was opened with a household's code: invited, not verified."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="members")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="household_member")
    code = models.ForeignKey(HouseholdCode, models.SET_NULL, null=True, related_name="members")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.household_id} {self.user_id}"


class Hamlet(models.Model):
    """A named place inside a village (自然村, 村民小组, 地名) by which people say where they live."""

    class Kind(models.TextChoices):
        HAMLET = "hamlet", _("Hamlet")
        GROUP = "group", _("Villagers’ group")
        PLACE = "place", _("Place name")

    village = models.ForeignKey("villages.Village", models.CASCADE, related_name="hamlets")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.HAMLET)
    name = models.CharField(_("name"), max_length=60)
    geom = models.PointField(srid=4490)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ["village_id", "name"]
        constraints = [models.UniqueConstraint(fields=["village", "kind", "name"], name="hamlet_once")]
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="hamlet_name_trigrams")]

    def __str__(self) -> str:
        return self.name
