"""What residents say about a public draft, and what the committee answers."""

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.geo.functions import EllipsoidalArea
from portal.ids import new_id
from portal.models import Membership, Person, Role, User
from portal.rules import prefixes
from portal.sealing import SealedField
from villages.models import HouseholdMember

MODERATORS = (Role.TOWNSHIP, Role.COUNTY_REVIEWER, Role.COUNTY_LEADER)
"""who looks at held comments and hides others; not the committee: it is the one most comments are about"""
WAITS = Q(held_at__isnull=False, released_at=None, hidden_at=None)
"""held for a look, and nobody has looked yet"""


class CommentQuerySet(models.QuerySet):
    def for_page(self) -> "CommentQuerySet":
        """With what pages and the API say of a comment; `author_known`: the identity was verified, or an office knows it;
        `author_invited`: the account was opened with the code of a household of the village; `shape_m2`: what was drawn, on
        the ellipsoid."""
        verified = Person.objects.filter(user=OuterRef("author"), verified_at__isnull=False)
        in_office = Membership.objects.active().filter(user=OuterRef("author")).exclude(role=Role.RESIDENT)
        invited = HouseholdMember.objects.filter(
            user=OuterRef("author"), household__village=OuterRef("version__plan__village")
        )
        rows = self.annotate(author_known=Exists(verified) | Exists(in_office), author_invited=Exists(invited))
        rows = rows.annotate(shape_m2=EllipsoidalArea("shape"))
        rows = rows.select_related("author", "zone", "project", "consultation")
        # a nickname stands in front only of who holds no office, so their roles are read too, of all at once
        return rows.prefetch_related("photos", "replies__author", "author__memberships")

    def seen_by(self, user: User) -> "CommentQuerySet":
        """All but those held for a look: these only their author and who looks at them may see."""
        seen = ~WAITS
        if user.is_authenticated:
            seen |= Q(author=user)
        for prefix in prefixes(user, MODERATORS):
            seen |= Q(version__plan__village__division__code__startswith=prefix)
        return self.filter(seen)

    def as_numbered(self) -> "CommentQuerySet":
        """In the order of their numbers: oldest first, as on the page of the version; those of earlier consultations, which
        stand apart there, after all others."""
        return self.alias(apart=Case(When(channel=Channel.IMPORT, then=1), default=0)).order_by(
            "apart", "created_at", "pk"
        )

    def waiting(self) -> "CommentQuerySet":
        """Held for a look (先审后发), and nobody has looked yet."""
        return self.filter(WAITS)

    def to_answer(self) -> "CommentQuerySet":
        """Without an answer, or put off by the last one; what was never let out asks for none, nor does what another
        consultation has heard already."""
        silent = self.alias(last_answer=last_adoption()).filter(Q(last_answer=None) | Q(last_answer=Adoption.OPEN))
        return silent.exclude(channel=Channel.IMPORT).exclude(held_at__isnull=False, released_at=None)


def last_adoption() -> Subquery:
    """For a query of comments: what became of each by its last answer, which counts; null without one."""
    rows = Reply.objects.filter(comment=OuterRef("pk")).order_by("-created_at", "-pk")
    return Subquery(rows.values("adoption")[:1])


class Held(models.TextChoices):
    """Why a comment waits for a look before the public reads it."""

    WORDS = "words", _("It has words of the list")
    IDENTITY = "identity", _("Its author’s identity is not verified yet")
    ALL = "all", _("Every comment is looked at first here")


class Channel(models.TextChoices):
    """How a comment came (意见来源): by its author here, or entered on behalf of somebody (代录)."""

    PORTAL = "portal", _("Written here")
    MEETING = "meeting", _("Said at a village meeting")
    PAPER = "paper", _("Marked or written on paper")
    IMPORT = "import", _("From an earlier consultation")


class Consultation(models.Model):
    """A consultation (意见征集) held elsewhere, whose comments were taken in from a file, with its source and licence."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="consultations")
    title = models.CharField(_("title"), max_length=200)
    source = models.CharField(_("source"), max_length=300)
    held_from = models.DateField(_("from"), null=True)
    held_to = models.DateField(_("to"), null=True)
    file_name = models.CharField(_("file"), max_length=200)
    file_digest = models.CharField(max_length=64)
    # rows read, taken in, and left out by reason: {"read": 297, "taken": 280, "left_out": {"moderated": 17}}
    counts = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["version", "file_digest"], name="consultation_file_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def division_code(self) -> str:
        return self.version.division_code


class Comment(models.Model):
    """An opinion (意见) on a version, pinned to a zone, a project, a place, an area, or to the plan as a whole. Never deleted."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="comments")
    # whoever sent it; of a comment on behalf of somebody (代录) the one who entered it, never who said it: that is `speaker`
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments")
    channel = models.CharField(
        _("how it came"), max_length=10, choices=Channel.choices, default=Channel.PORTAL, db_default=Channel.PORTAL
    )
    # who said it at the meeting or wrote it on paper, as far as told; sealed, and shown masked in public
    speaker = SealedField(_("who said it"), max_length=50, blank=True, default="")
    # when it was said, of a comment that was entered or taken in later
    said_on = models.DateField(_("said on"), null=True)
    consultation = models.ForeignKey(Consultation, models.PROTECT, null=True, related_name="comments")
    # agreed and disagreed as the earlier consultation counted them; supports given here are rows of Support
    agreed_before = models.PositiveIntegerField(default=0, db_default=0)
    disagreed_before = models.PositiveIntegerField(default=0, db_default=0)
    zone = models.ForeignKey("planning.Zone", models.PROTECT, null=True, blank=True, related_name="comments")
    project = models.ForeignKey("planning.Project", models.PROTECT, null=True, blank=True, related_name="comments")
    # the pin; of an area or line that was drawn a point on it, so that every comment with a place has a pin
    geom = models.PointField(srid=4490, null=True, blank=True)
    # what was drawn: a polygon, several, or lines (marks on paper)
    shape = models.GeometryField(srid=4490, null=True, blank=True)
    text = models.TextField(_("comment"), max_length=2000)
    # what it is about, a code of planning/data/themes.json: guessed by words, put right by whoever answers
    theme = models.CharField(_("theme"), max_length=20, blank=True, db_default="")
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
            models.CheckConstraint(condition=Q(shape=None) | Q(geom__isnull=False), name="comment_shape_has_a_pin"),
            models.CheckConstraint(
                condition=Q(consultation=None) ^ Q(channel=Channel.IMPORT), name="comment_import_of_a_consultation"
            ),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(released_at__gte=F("held_at")), name="comment_released_after_held"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    def get_absolute_url(self) -> str:
        """Its place on the page of the version, whichever page of the list it stands on."""
        return f"{reverse('version', args=[self.version_id])}?comment={self.pk}#comment-{self.pk}"

    @property
    def division_code(self) -> str:
        return self.version.plan.village_id

    @property
    def waits(self) -> bool:
        """Held for a look, and nobody has looked yet."""
        return self.held_at is not None and self.released_at is None and self.hidden_at is None

    @property
    def last_reply(self) -> "Reply | None":
        """The answer that counts; None without one. Costs nothing where answers were fetched with the comments."""
        rows = list(self.replies.all())
        return rows[-1] if rows else None

    @property
    def is_answered(self) -> bool:
        """Has an answer that does not put it off."""
        last = self.last_reply
        return last is not None and last.adoption != Adoption.OPEN

    @property
    def on_behalf(self) -> bool:
        """Entered for somebody else (代录)."""
        return self.channel != Channel.PORTAL


def photo_path(row: "Photo", name: str) -> str:
    """Under our own name: what the sender called the file is not kept."""
    return f"photos/{row.pk[:2]}/{row.pk}{'-small' if name == 'small' else ''}.jpg"


class Photo(models.Model):
    """A photograph (照片) that goes with a comment: made anew from its pixels, so that nothing hidden in the file is kept
    (position, device, thumbnail). Until its comment is sent it belongs to nobody else, and is swept after a day."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="photos")
    comment = models.ForeignKey(Comment, models.PROTECT, null=True, related_name="photos")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file = models.FileField(upload_to=photo_path, max_length=100)
    small = models.FileField(upload_to=photo_path, max_length=100)
    # of the kept file, in pixels and bytes
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    # SHA-256 of the file as it was sent: the same photo sent again after a broken line is the same row
    digest = models.CharField(max_length=64)
    words = models.CharField(_("what it shows"), max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], condition=Q(comment=None), name="photo_not_sent")]

    def __str__(self) -> str:
        return f"{self.comment_id} {self.width}x{self.height}"

    @property
    def division_code(self) -> str:
        return self.version.division_code

    @property
    def erased(self) -> bool:
        """Its sender closed the account: the picture is gone, that there was one stays."""
        return self.size == 0


class Support(models.Model):
    """That somebody supports a comment (附议) instead of repeating it; taken back, the row goes, the record keeps both."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="supports")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="support_once")]

    def __str__(self) -> str:
        return f"{self.comment_id} {self.user_id}"


class Follow(models.Model):
    """What a person wants to be told of (关注): a plan, a village, or an area drawn on the map of a village."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    village = models.ForeignKey("villages.Village", models.CASCADE, related_name="follows")
    # narrower than the village: one plan, or one area
    plan = models.ForeignKey("planning.Plan", models.CASCADE, null=True, related_name="follows")
    area = models.MultiPolygonField(srid=4490, null=True)
    name = models.CharField(_("name"), max_length=60, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=Q(plan=None) | Q(area=None), name="follow_plan_or_area"),
            models.UniqueConstraint(
                fields=["user", "village"], condition=Q(plan=None, area=None), name="follow_village_once"
            ),
            models.UniqueConstraint(fields=["user", "plan"], name="follow_plan_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.village_id

    @property
    def division_code(self) -> str:
        return self.village_id


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


class Adoption(models.TextChoices):
    """What became of a comment (采纳情况), said with the answer; the last answer counts."""

    ADOPTED = "adopted", _("Adopted")
    PARTLY = "partly", _("Partly adopted")
    NOT_ADOPTED = "not_adopted", _("Not adopted")
    EXPLAINED = "explained", _("Explained")
    OPEN = "open", _("Answered later in full")


class Reply(models.Model):
    """The official answer (答复) to a comment, with what became of it."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("answer"), max_length=2000)
    # empty: of an answer from before the state was asked for
    adoption = models.CharField(
        _("what became of it"), max_length=12, choices=Adoption.choices, blank=True, db_default=""
    )
    # the same key stands on answers that were given at once to several comments (归并答复)
    batch = models.CharField(max_length=12, blank=True, db_default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.text[:40]
