"""Days that differ from the State Council's holiday list (节假日安排) in a county."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """A day that is a working day or none, whatever the country's list says, for a division and all below it."""

    division_code = models.CharField(
        _("division code"), max_length=12, blank=True, help_text=_("Empty means the whole country.")
    )
    day = models.DateField(_("day"))
    working = models.BooleanField(_("working day"))
    note = models.CharField(_("reason"), max_length=100)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["division_code", "day"], name="calendar_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.note}"
