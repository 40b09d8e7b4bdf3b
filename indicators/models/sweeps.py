"""Judging all villages of a division: what is to be done, what is done."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id


class Sweep(models.Model):
    """A county-wide computation (全县计算): its parts are shared out among workers; begun again, it goes on where it stopped."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    division = models.ForeignKey("villages.Division", models.CASCADE, related_name="sweeps")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["division"], condition=models.Q(state="running"), name="sweep_one_running_in_a_division"
            )
        ]

    def __str__(self) -> str:
        return f"{self.division_id} {self.created_at:%Y-%m-%d %H:%M}"


class SweepPart(models.Model):
    """One version to judge in a sweep. A worker takes it by conditional update; a lease that ran out is taken again."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        TAKEN = "taken", _("Being computed")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="parts")
    version = models.ForeignKey("planning.PlanVersion", models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    taken_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["sweep_id", "id"]
        constraints = [models.UniqueConstraint(fields=["sweep", "version"], name="sweep_part_once")]
        indexes = [models.Index(fields=["sweep", "state"], name="sweep_part_state")]

    def __str__(self) -> str:
        return f"{self.sweep_id} {self.version_id} {self.state}"
