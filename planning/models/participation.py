"""What residents say about a public draft, and what the committee answers."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id


class CommentQuerySet(models.QuerySet):
    def for_page(self) -> "CommentQuerySet":
        return self.select_related("author", "zone").prefetch_related("replies__author")


class Comment(models.Model):
    """An opinion (意见) on a version, pinned to a zone, to a place, or to the plan as a whole. Never deleted."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments")
    zone = models.ForeignKey("planning.Zone", models.PROTECT, null=True, blank=True, related_name="comments")
    geom = models.PointField(srid=4490, null=True, blank=True)
    text = models.TextField(_("comment"), max_length=2000)
    once = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # never deleted: taken out of sight with a reason, its author told, still counted
    hidden_at = models.DateTimeField(_("hidden"), null=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    hidden_reason = models.CharField(_("why hidden"), max_length=300, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            # a double click or a retry gives the same comment, not a second one
            models.UniqueConstraint(fields=["author", "once"], condition=~models.Q(once=""), name="comment_once"),
            models.CheckConstraint(
                condition=models.Q(hidden_at=None) | ~models.Q(hidden_reason=""), name="comment_hidden_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def division_code(self) -> str:
        return self.version.plan.village_id


class Reply(models.Model):
    """The official answer (答复) to a comment."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("answer"), max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.text[:40]
