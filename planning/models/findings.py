"""Conflicts of a version with lines and facts; written by indicators, read by the gates of the workflow."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class Finding(models.Model):
    """One conflict (冲突): which check, how severe, of which category, how large, where."""

    class Severity(models.TextChoices):
        BLOCK = "block", _("Blocks approval")
        WARN = "warn", _("Warning")

    class Category(models.TextChoices):
        REAL = "real", _("Real conflict")
        TECHNICAL = "technical", _("Technical misfit")
        LEGACY = "legacy", _("Existed in the base year")

    version = models.ForeignKey("planning.PlanVersion", models.CASCADE, related_name="findings")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=5)
    severity = models.CharField(max_length=5, choices=Severity.choices)
    category = models.CharField(max_length=10, choices=Category.choices)
    zone = models.ForeignKey("planning.Zone", models.CASCADE, null=True, related_name="findings")
    area_m2 = models.FloatField()
    geom = models.MultiPolygonField(srid=4490)

    class Meta:
        ordering = ["version_id", "number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="finding_number_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.get_category_display()} {self.area_m2:.0f} m²"
