"""Files that are still on their way: sent in pieces, so that a broken line costs a piece and not the whole."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.ids import new_id


def parts_folder() -> Path:
    """Where unfinished files lie: in MEDIA_ROOT, so that a finished one is moved and never copied."""
    folder = Path(settings.MEDIA_ROOT) / "parts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class PartialUpload(models.Model):
    """A file that is being sent in pieces (断点续传); `offset` bytes of it are safe on disk. See portal/resumable.py."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    division_code = models.CharField(max_length=12)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)  # as the sender says; compared when the last byte is here
    options = models.JSONField(default=dict)
    metadata = models.TextField(blank=True)  # as the sender wrote it: the protocol wants it back unchanged
    upload = models.ForeignKey("portal.Upload", models.SET_NULL, null=True, related_name="+")
    known = models.BooleanField(default=False)  # `upload` is an earlier one: the same file was handed in before
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(offset__lte=F("size")), name="partial_upload_offset_within_size")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.offset}/{self.size}"

    @property
    def path(self) -> Path:
        return parts_folder() / self.pk
