"""What residents say about a public draft, and what the committee answers."""

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id
from portal.models import Membership, Person, Role, User
from portal.rules import prefixes

MODERATORS = (Role.TOWNSHIP, Role.COUNTY_REVIEWER, Role.COUNTY_LEADER)
"""who looks at held comments and hides others; not the committee: it is the one most comments are about"""
WAITS = Q(held_at__isnull=False, released_at=None, hidden_at=None)
"""held for a look, and nobody has looked yet"""


class CommentQuerySet(models.QuerySet):
    def for_page(self) -> "CommentQuerySet":
        """With what pages and the API say of a comment; `author_known`: the identity was verified, or an office knows it."""
        verified = Person.objects.filter(user=OuterRef("author"), verified_at__isnull=False)
        in_office = Membership.objects.active().filter(user=OuterRef("author")).exclude(role=Role.RESIDENT)
        rows = self.annotate(author_known=Exists(verified) | Exists(in_office))
        return rows.select_related("author", "zone").prefetch_related("replies__author")

    def seen_by(self, user: User) -> "CommentQuerySet":
        """All but those held for a look: these only their author and who looks at them may see."""
        seen = ~WAITS
        if user.is_authenticated:
            seen |= Q(author=user)
        for prefix in prefixes(user, MODERATORS):
            seen |= Q(version__plan__village__division__code__startswith=prefix)
        return self.filter(seen)

    def waiting(self) -> "CommentQuerySet":
        """Held for a look (先审后发), and nobody has looked yet."""
        return self.filter(WAITS)

    def to_answer(self) -> "CommentQuerySet":
        """Without an answer; what was never let out asks for none."""
        return self.filter(replies=None).exclude(held_at__isnull=False, released_at=None)


class Held(models.TextChoices):
    """Why a comment waits for a look before the public reads it."""

    WORDS = "words", _("It has words of the list")
    IDENTITY = "identity", _("Its author’s identity is not verified yet")
    ALL = "all", _("Every comment is looked at first here")


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
    # held for a look before the public reads it: why, the listed words it has, by when somebody should have looked
    held_at = models.DateTimeField(_("held"), null=True)
    held_why = models.CharField(_("why held"), max_length=10, choices=Held.choices, blank=True, db_default="")
    held_words = models.CharField(_("listed words"), max_length=300, blank=True, db_default="")
    look_by = models.DateField(_("to be looked at by"), null=True)
    released_at = models.DateTimeField(_("let out"), null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
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
            models.CheckConstraint(condition=Q(held_at=None) | ~Q(held_why=""), name="comment_held_with_reason"),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(released_at__gte=F("held_at")), name="comment_released_after_held"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def division_code(self) -> str:
        return self.version.plan.village_id

    @property
    def waits(self) -> bool:
        """Held for a look, and nobody has looked yet."""
        return self.held_at is not None and self.released_at is None and self.hidden_at is None


class WatchedWord(models.Model):
    """A word (关注词) that holds a comment for a look, in a division and all below it; with its source and day, never deleted."""

    word = models.CharField(_("word"), max_length=40)
    division_code = models.CharField(
        _("division"), max_length=12, blank=True, help_text=_("Empty means the whole country.")
    )
    source = models.CharField(_("source"), max_length=200)
    listed_on = models.DateField(_("listed on"))
    listed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("taken off the list"), null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["division_code", "word"]
        constraints = [
            models.UniqueConstraint(
                fields=["division_code", "word"], condition=Q(ended_at=None), name="watched_word_once"
            )
        ]

    def __str__(self) -> str:
        return self.word


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
