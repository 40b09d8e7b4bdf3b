"""The record of acts: rows are added and never changed (database trigger in the migration)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """Who did what to which object, when, with the values before and after (操作留痕)."""

    at = models.DateTimeField(_("when"), db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(_("actor"), max_length=150)
    verb = models.CharField(_("verb"), max_length=50)
    object_type = models.CharField(max_length=50)
    object_id = models.CharField(max_length=50)
    object_label = models.CharField(max_length=200)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    # HMAC over the row with a key the database does not know: a row put in by hand has none that fits
    seal = models.CharField(max_length=64, db_default="")
    # how far the chain reached when the row was written; the seal holds the hash of that link too, so that whoever links
    # the rows anew contradicts every later row
    seen = models.BigIntegerField(db_default=0)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.verb} {self.object_label}"

    @property
    def shown_actor(self) -> str:
        """Who did it, for who works with the object: by name whoever held an office then, masked everybody else."""
        if self.actor is None:
            return ""
        return self.actor.masked_name if self.actor_name.startswith("account ") else str(self.actor)


class AuditLink(models.Model):
    """The chain over the record: written by the database when an entry is committed, one after the other.

    `hash` is SHA-256 over the hash before, the entry's number and its seal, as text.
    """

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="link")
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"
