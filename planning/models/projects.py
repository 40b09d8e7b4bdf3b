"""Projects of a plan version (近期建设项目)."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class Project(models.Model):
    """What shall be built or restored, where, when and with whose money."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        BUILDING = "building", _("Under construction")
        DONE = "done", _("Completed")
        STOPPED = "stopped", _("Stopped")

    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="projects")
    number = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=50, blank=True)
    budget_wan = models.DecimalField(_("budget (10,000 yuan)"), max_digits=12, decimal_places=2, null=True)
    funding_source = models.CharField(_("funding source"), max_length=100, blank=True)
    starts_in = models.PositiveSmallIntegerField(_("from year"), null=True)
    ends_in = models.PositiveSmallIntegerField(_("to year"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PROPOSED)
    remark = models.CharField(_("remark"), max_length=255, blank=True)
    geom = models.GeometryField(srid=4490, null=True)

    class Meta:
        ordering = ["version_id", "number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="project_number_once")]

    def __str__(self) -> str:
        return self.name
