"""Tables handed in (导入表格) for a village, a county or the divisions, and what became of them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id
from portal.sealing import SealedJSONField


def table_path(row: "TableImport", _name: str) -> str:
    """Files are stored under our own name: the sender's name is text to show, never a path."""
    return f"tables/{row.pk}/file"


def marked_path(row: "TableImport", _name: str) -> str:
    return f"tables/{row.pk}/marked"


class TableImportQuerySet(models.QuerySet):
    def brief(self) -> "TableImportQuerySet":
        """Without the values kept for taking the import back: those of a whole country are megabytes."""
        return self.defer("before")


class TableImport(models.Model):
    """A spreadsheet somebody handed in: read and judged first, stored only when a person says so, and taken back by one click."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be checked")
        READY = "ready", _("Checked, not stored yet")
        REFUSED = "refused", _("Refused")
        STORING = "storing", _("Being stored")
        STORED = "stored", _("Stored")
        UNDONE = "undone", _("Taken back")
        FAILED = "failed", _("Not checked: the work stopped")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=20)
    # the village, or the division above it, that the rows must belong to
    division_code = models.CharField(max_length=12, db_index=True)
    file = models.FileField(upload_to=table_path, max_length=100)
    # the refused table with its bad cells marked (.xlsx); made with the verdict, goes with the file
    marked = models.FileField(upload_to=marked_path, max_length=100, blank=True, default="", db_default="")
    name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(_("text encoding"), max_length=20, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # counts (rows, new, changed, unchanged, absent), examples of the changes, remarks of the reader, the version made
    result = models.JSONField(default=dict)
    # what is wrong: {code, level, sheet, row, params}; at most a thousand, then how many more
    issues = models.JSONField(default=list)
    # what stood there before, for taking it back: names of people too
    before = SealedJSONField(default=dict)
    job = models.ForeignKey("portal.Job", models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="table_imports")
    created_at = models.DateTimeField(auto_now_add=True)
    stored_at = models.DateTimeField(null=True)

    objects = TableImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name
