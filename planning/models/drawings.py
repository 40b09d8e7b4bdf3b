"""Plans that are being drawn in the browser (绘制草稿): zones and projects that may still change, and every step that did it.

A drawing becomes a version only by being handed in as a file like any other, so the same quality check judges it.
"""

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from planning.models.plans import PlanVersion
from planning.models.projects import Project
from portal.geo.functions import area_column
from portal.ids import new_id
from portal.models import Role, Upload, User
from portal.rules import prefixes


class DrawingQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "DrawingQuerySet":
        """Drawings are the desk of whoever may hand in the village's plan, nobody else's."""
        seen = Q(pk__in=[])
        for prefix in prefixes(user, (Role.COMMITTEE, Role.PLANNER)):
            seen |= Q(village__division__code__startswith=prefix)
        return self.filter(seen)


class Drawing(models.Model):
    """A plan on the drawing board of one village. `revision` counts its steps, undone ones too: it never goes back."""

    class State(models.TextChoices):
        OPEN = "open", _("Being drawn")
        HANDED_IN = "handed_in", _("Handed in")
        DISCARDED = "discarded", _("Put away")

    class Start(models.TextChoices):
        VERSION = "version", _("From a version")
        PARCELS = "parcels", _("From the land as it is")
        OUTLINE = "outline", _("From an empty village")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    village = models.ForeignKey("villages.Village", models.PROTECT, related_name="drawings")
    title = models.CharField(_("name"), max_length=100, blank=True)
    start = models.CharField(_("begun"), max_length=10, choices=Start.choices)
    based_on = models.ForeignKey(PlanVersion, models.PROTECT, null=True, blank=True, related_name="drawings")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    revision = models.PositiveIntegerField(default=0)
    # measured when it was opened and carried on by the steps: land of the village without a zone, under two, zones beyond it
    unfilled_m2 = models.FloatField(default=0)
    overlap_m2 = models.FloatField(default=0)
    outside_m2 = models.FloatField(default=0)
    upload = models.ForeignKey(Upload, models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    objects = DrawingQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return self.title or str(self.village)

    @property
    def division_code(self) -> str:
        return self.village_id


class DrawnZone(models.Model):
    """A zone on the drawing board; `code` is empty until a class was chosen. Numbers are never given twice."""

    drawing = models.ForeignKey(Drawing, models.CASCADE, related_name="zones", db_index=False)
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=6, blank=True)
    label = models.CharField(max_length=50, blank=True)
    remark = models.CharField(max_length=255, blank=True)
    file_code = models.CharField(max_length=30, blank=True)
    attributes = models.JSONField(default=dict)
    geom = models.MultiPolygonField(srid=4490)
    area_m2 = area_column()

    class Meta:
        ordering = ["drawing_id", "number"]
        constraints = [models.UniqueConstraint(fields=["drawing", "number"], name="drawn_zone_number_once")]

    def __str__(self) -> str:
        return f"{self.drawing_id}-{self.number}"


class DrawnProject(models.Model):
    """A project on the drawing board; fields as those of planning.Project."""

    drawing = models.ForeignKey(Drawing, models.CASCADE, related_name="projects", db_index=False)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=50, blank=True)
    budget_wan = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    funding_source = models.CharField(max_length=100, blank=True)
    starts_in = models.PositiveSmallIntegerField(null=True)
    ends_in = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, choices=Project.State.choices, default=Project.State.PROPOSED)
    remark = models.CharField(max_length=255, blank=True)
    geom = models.GeometryField(srid=4490, null=True)

    class Meta:
        ordering = ["drawing_id", "number"]
        constraints = [models.UniqueConstraint(fields=["drawing", "number"], name="drawn_project_number_once")]

    def __str__(self) -> str:
        return self.name


class DrawingStep(models.Model):
    """One thing somebody did on a drawing, with the rows it touched before and after: {"zones": {number: row or null}, "projects": …}.

    Undoing writes `before` back, redoing `after`; a new step drops what was undone. `key` is the browser's: a step that is
    sent twice happens once.
    """

    class State(models.TextChoices):
        DONE = "done", "done"
        UNDONE = "undone", "undone"
        DROPPED = "dropped", "dropped"

    drawing = models.ForeignKey(Drawing, models.CASCADE, related_name="steps", db_index=False)
    revision = models.PositiveIntegerField()
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    said = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DONE)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["drawing_id", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["drawing", "revision"], name="drawing_revision_once"),
            models.UniqueConstraint(fields=["drawing", "key"], name="drawing_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.drawing_id}/{self.revision} {self.kind}"
