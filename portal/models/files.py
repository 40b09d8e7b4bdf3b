"""Uploaded files and what was found wrong with them; kept also when the file was refused."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id


def upload_path(upload: "Upload", _name: str) -> str:
    """Files are stored under our own name: the sender's name is text to show, never a path."""
    return f"uploads/{upload.pk}/file"


class Upload(models.Model):
    """A file somebody handed in (上传文件) for a division, and the verdict on it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be checked")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        FAILED = "failed", _("Not checked: the work stopped")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    division_code = models.CharField(max_length=12, db_index=True)
    file = models.FileField(upload_to=upload_path, max_length=100)
    name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    result = models.JSONField(default=dict)
    job = models.ForeignKey("portal.Job", models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="uploads")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class UploadIssue(models.Model):
    """One thing that is wrong with an uploaded file (质检问题): rule, level, layer, row, place."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="issues")
    code = models.CharField(max_length=10)
    level = models.CharField(max_length=10, choices=[("error", _("Error")), ("warning", _("Warning"))])
    layer = models.CharField(max_length=100, blank=True)
    row = models.PositiveIntegerField(null=True)
    params = models.JSONField(default=dict)
    geom = models.GeometryField(srid=4490, null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.code} {self.layer} {self.row or ''}"
