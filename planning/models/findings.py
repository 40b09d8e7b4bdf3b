"""Conflicts of a version with lines and facts, and the exceptions an official grants; written by indicators, read by
the gates of the workflow."""

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id


class Finding(models.Model):
    """One conflict (冲突): which check, how severe, of which category, how large, where."""

    class Severity(models.TextChoices):
        BLOCK = "block", _("Blocks approval")
        WARN = "warn", _("Warning")
        INFO = "info", _("For the record")

    class Category(models.TextChoices):
        REAL = "real", _("Real conflict")
        TECHNICAL = "technical", _("Technical misfit")
        LEGACY = "legacy", _("Existed in the base year")
        EXCEPTION = "exception", _("Authorised exception")

    class Carried(models.TextChoices):
        NEW = "new", _("New in this version")
        STILL = "still", _("Still there")

    version = models.ForeignKey("planning.PlanVersion", models.CASCADE, related_name="findings")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=5)
    severity = models.CharField(max_length=5, choices=Severity.choices)
    category = models.CharField(max_length=10, choices=Category.choices)
    zone = models.ForeignKey("planning.Zone", models.CASCADE, null=True, related_name="findings")
    # what is in conflict where it is no zone: a household's number, a project's number, an indicator's code
    subject = models.CharField(max_length=60, blank=True, db_default="")
    # figures the sentence needs: limit, value, distance, kind of line
    detail = models.JSONField(default=dict, db_default={})
    area_m2 = models.FloatField()
    geom = models.MultiPolygonField(srid=4490, null=True)
    # the name of the conflict in all versions and computations: check, place or subject (indicators.carrying)
    key = models.CharField(max_length=64, blank=True, db_default="", db_index=True)
    # the category it was sorted into before an exception was granted
    found_as = models.CharField(max_length=10, choices=Category.choices, blank=True, db_default="")
    waiver = models.ForeignKey("planning.Waiver", models.SET_NULL, null=True, related_name="findings")
    carried = models.CharField(max_length=5, choices=Carried.choices, blank=True, db_default="")
    # keys of the findings of the version before that this one goes on from
    carried_from = models.JSONField(default=list, db_default=[])
    first_version = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["version_id", "number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="finding_number_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.get_category_display()} {self.area_m2:.0f} m²"


def waiver_path(row: "Waiver", _name: str) -> str:
    """Files are stored under our own name: the sender's name is text to show, never a path."""
    return f"waivers/{row.pk}/document"


class Waiver(models.Model):
    """An authorised exception (授权例外) for one conflict of a plan: an official gives reason and document, a second one
    confirms. It outlives computations and versions, as far as the conflict it was granted for goes."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waits for a second person")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    plan = models.ForeignKey("planning.Plan", models.PROTECT, related_name="waivers")
    # the version and finding it was asked for
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="waivers")
    code = models.CharField(max_length=5)
    key = models.CharField(max_length=64)
    zone_number = models.PositiveIntegerField(null=True)
    # the class the zone was planned as: an exception for a road is none for a factory in its place
    land_use = models.CharField(max_length=6, blank=True, db_default="")
    subject = models.CharField(max_length=60, blank=True)
    area_m2 = models.FloatField()
    geom = models.MultiPolygonField(srid=4490, null=True)
    reason = models.TextField(_("reason"))
    document = models.FileField(_("document"), upload_to=waiver_path, max_length=100)
    document_name = models.CharField(_("file name"), max_length=255)
    document_number = models.CharField(_("document number"), max_length=100)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=("confirmed", "refused"))
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="waiver_second_person",
            ),
            models.UniqueConstraint(
                fields=["plan", "key"],
                condition=Q(state__in=("proposed", "confirmed")),
                name="waiver_once_for_a_conflict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.get_state_display()}"

    @property
    def division_code(self) -> str:
        return self.plan.village_id
