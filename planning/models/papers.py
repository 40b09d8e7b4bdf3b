"""The paper loop (纸图回收): photographs or scans of printed maps that were marked by hand, and the marks found on them."""

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id
from portal.models import Role, User
from portal.rules import prefixes

READERS = (Role.COMMITTEE, Role.PLANNER, Role.TOWNSHIP)
"""who brings marked sheets in and turns marks into comments on behalf"""


def scan_path(row: "Scan", name: str) -> str:
    """Under our own name; what the sender called the file is `Scan.name`."""
    return f"scans/{row.pk}/{name}"


class ScanQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ScanQuerySet":
        """Marked sheets may hold handwriting and names: for those who enter them, nobody else."""
        seen = Q(pk__in=[])
        for prefix in prefixes(user, READERS):
            seen |= Q(version__plan__village__division__code__startswith=prefix)
        return self.filter(seen)


class Scan(models.Model):
    """A photograph or scan of one page of a printed map (图幅), set upright on the ground by its corner marks."""

    class State(models.TextChoices):
        WAITS = "waits", _("Waiting to be read")
        READ = "read", _("Read")
        FAILED = "failed", _("Could not be read")
        DONE = "done", _("All marks are entered or put aside")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="scans")
    # found by the QR code on the paper; null until it was read, or until somebody said which sheet it is
    sheet = models.ForeignKey("planning.Sheet", models.PROTECT, null=True, related_name="scans")
    page = models.PositiveSmallIntegerField(null=True)
    name = models.CharField(_("file name"), max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    # the photograph as kept (made anew from its pixels), and the page cut out of it, upright and flat
    file = models.FileField(upload_to=scan_path, max_length=100)
    flat = models.FileField(upload_to=scan_path, max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITS)
    # why it could not be read, a code with words in planning.papers
    fault = models.CharField(max_length=30, blank=True)
    # {corners: [[x, y] x 4] in pixels of the photograph, pixels_per_mm, error_m: how far off a mark may be on the ground, …}
    fit = models.JSONField(default=dict)
    job = models.ForeignKey("portal.Job", models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["version", "digest"], name="scan_file_once")]

    def __str__(self) -> str:
        return self.name or self.pk

    @property
    def division_code(self) -> str:
        return self.version.division_code


class ScanMark(models.Model):
    """One mark (标记) somebody made on a printed map: where it is, how it looks, and the comment it became."""

    class Kind(models.TextChoices):
        AREA = "area", _("Ring around an area")
        LINE = "line", _("Line")
        SPOT = "spot", _("Spot or cross")

    scan = models.ForeignKey(Scan, models.CASCADE, related_name="marks")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    geom = models.GeometryField(srid=4490)
    colour = models.CharField(max_length=7, blank=True)
    # x, y, width, height in pixels of the flat page: what its picture is cut by
    box = models.JSONField(default=list)
    comment = models.ForeignKey("planning.Comment", models.PROTECT, null=True, related_name="marks")
    # put aside: a stain, a shadow, a note without a place
    set_aside = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["scan", "number"], name="scan_mark_number_once")]

    def __str__(self) -> str:
        return f"{self.scan_id} {self.number}"
