"""Households of a village: personal data, for the staff of the village's division only, never on public pages or in the API."""

from django.db import models
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
    remark = models.CharField(_("remark"), max_length=255, blank=True)

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
