"""What the portal tells a person: rows that stay until they are read."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Notification(models.Model):
    """A message (消息) to one person: a kind, what fills its words, and the page where it is dealt with."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    # what fills the words of the kind; never personal data
    values = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    # the same thing is told once, however often the scheduler comes by
    once = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True)
    # to go out by e-mail too; then when it went
    by_mail = models.BooleanField(default=False, db_default=False)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notification_unread"),
            models.Index(
                fields=["user"], condition=models.Q(by_mail=True, mailed_at=None), name="notification_to_mail"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "once"], condition=~models.Q(once=""), name="notification_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.values}"
