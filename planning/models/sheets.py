"""Printed maps: what was asked for, and where on the ground each sheet of paper lies."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from planning.models.plans import PlanVersion
from portal.ids import new_id
from portal.models import User


def sheet_path(row: "Sheet", name: str) -> str:
    """Under our own name; what a reader's file is called stands in `Sheet.name`."""
    return f"sheets/{row.pk}/{name}"


class SheetQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "SheetQuerySet":
        """Sheets of versions the user may see; whether their files show base data is asked apart."""
        return self.filter(version__in=PlanVersion.objects.visible_to(user))


class Sheet(models.Model):
    """A map printed from a version (图幅), on one page or several. The row stays when the file is gone: the QR code on paper
    names it, and `pages` says which ground each page shows."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="sheets")
    # SHA-256 over everything the drawing is made from
    key = models.CharField(max_length=64, db_index=True)
    options = models.JSONField(default=dict)
    # it shows parcels, control lines or facilities, which are internal outside the demo
    holds_base = models.BooleanField(default=False)
    # the plane of which the extents below are metres: EPSG:n
    crs = models.CharField(max_length=200, blank=True)
    # [{number, scale, extent: [w, s, e, n] in m, frame: [x, y, w, h] in mm, marks: [[x, y], …] in mm, is_index}]
    pages = models.JSONField(default=list)
    name = models.CharField(_("file name"), max_length=200, blank=True)
    file = models.FileField(upload_to=sheet_path, max_length=100, blank=True)
    preview = models.FileField(upload_to=sheet_path, max_length=100, blank=True)
    job = models.ForeignKey("portal.Job", models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.version_id} {self.name or self.pk}"

    @property
    def division_code(self) -> str:
        return self.version.division_code
