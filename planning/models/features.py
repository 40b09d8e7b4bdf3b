"""Layers of a plan file that the portal keeps as they came: facilities, roads, base land use, issued lines, …"""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class PlanFeature(models.Model):
    """A feature (要素) of a version's layer other than zones and projects; part of the version, so it never changes."""

    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="features")
    layer = models.CharField(_("layer"), max_length=60)
    number = models.PositiveIntegerField(_("number"))
    attributes = models.JSONField(default=dict)
    geom = models.GeometryField(srid=4490, null=True)

    class Meta:
        ordering = ["version_id", "layer", "number"]
        constraints = [models.UniqueConstraint(fields=["version", "layer", "number"], name="plan_feature_number_once")]

    def __str__(self) -> str:
        return f"{self.layer} {self.number}"
