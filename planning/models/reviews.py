"""Joint review (联合审查): who was asked, what they said, what became of it; conditions of an approval."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id
from portal.models import Department, Role, User

ASKED_ROLES = (Role.EXPERT, Role.DEPARTMENT)


class ReviewRequestQuerySet(models.QuerySet):
    def requested_from(self, user: User) -> "ReviewRequestQuerySet":
        """Requests put to the person that stand today: an expert's own, those to a department for its members of the division."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        found = Q(pk__in=[])
        for membership in user.active_memberships():
            if membership.role == Role.EXPERT:
                found |= Q(expert=user)
            elif membership.role == Role.DEPARTMENT:
                found |= Q(
                    department=membership.department,
                    version__plan__village__division__code__startswith=membership.prefix,
                )
        return self.filter(found, cancelled_at=None)

    def open_to(self, user: User) -> "ReviewRequestQuerySet":
        """Requests the person may read and answer: put to them, and no conflict of interest declared but its absence."""
        if not user.is_authenticated or not any(m.role in ASKED_ROLES for m in user.active_memberships()):
            return self.none()  # asked with every look at a plan, and most people are never asked for an opinion
        declared = Declaration.objects.filter(request=OuterRef("pk"), by=user)
        return self.requested_from(user).filter(
            Exists(declared.filter(conflict=False)), ~Exists(declared.filter(conflict=True))
        )


class ReviewRequest(models.Model):
    """A request for an opinion (征求意见) to a line department of the division or to one expert, with a due date."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="requests")
    department = models.CharField(_("department"), max_length=20, choices=Department.choices, blank=True)
    expert = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="review_requests"
    )
    note = models.CharField(_("what is asked"), max_length=500, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    due_on = models.DateField(_("due on"))
    done_at = models.DateTimeField(_("opinion given"), null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(_("called back"), null=True)

    objects = ReviewRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(department="", expert__isnull=False) | (~Q(department="") & Q(expert=None)),
                name="request_to_one",
            ),
            models.UniqueConstraint(
                fields=["version", "department"], condition=~Q(department="") & Q(cancelled_at=None),
                name="request_once_a_department",
            ),
            models.UniqueConstraint(
                fields=["version", "expert"], condition=Q(cancelled_at=None), name="request_once_an_expert"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_department_display() if self.department else str(self.expert)

    @property
    def division_code(self) -> str:
        return self.version.plan.village_id


class Declaration(models.Model):
    """What a person declared about interests of their own (利益冲突声明) before reading: each for themselves, never changed.

    Whoever finds out later that there is a conflict adds a second row; it counts.
    """

    request = models.ForeignKey(ReviewRequest, models.PROTECT, related_name="declarations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    conflict = models.BooleanField(_("conflict of interest"))
    text = models.CharField(_("which interest"), max_length=500, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["request", "by", "conflict"], name="declaration_once"),
            models.CheckConstraint(condition=Q(conflict=False) | ~Q(text=""), name="declaration_conflict_in_words"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {'conflict' if self.conflict else 'none'}"


class Opinion(models.Model):
    """One point of an opinion (审查意见), pinned to a zone, to a clause or to the whole plan. Never changed."""

    class Stance(models.TextChoices):
        AGREE = "agree", _("Agree")
        CHANGE = "change", _("Agree if changed")
        OBJECT = "object", _("Object")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    request = models.ForeignKey(ReviewRequest, models.PROTECT, related_name="opinions")
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="opinions")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    stance = models.CharField(_("stance"), max_length=10, choices=Stance.choices)
    zone = models.ForeignKey("planning.Zone", models.PROTECT, null=True, related_name="opinions")
    clause = models.CharField(_("clause"), max_length=100, blank=True)
    text = models.TextField(_("opinion"), max_length=5000)
    score = models.PositiveSmallIntegerField(_("score (0-100)"), null=True)
    once = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["author", "once"], condition=~Q(once=""), name="opinion_once"),
            models.CheckConstraint(condition=Q(score=None) | Q(score__lte=100), name="opinion_score"),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def division_code(self) -> str:
        return self.version.plan.village_id


class OpinionAnswer(models.Model):
    """What becomes of an opinion (采纳情况); not adopted needs a reason."""

    class Outcome(models.TextChoices):
        ADOPTED = "adopted", _("Adopted")
        PARTLY = "partly", _("Partly adopted")
        NOT = "not", _("Not adopted")

    opinion = models.OneToOneField(Opinion, models.PROTECT, related_name="answer")
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome="adopted") | ~Q(reason=""), name="opinion_answer_with_reason")
        ]

    def __str__(self) -> str:
        return f"{self.opinion_id} {self.outcome}"


class Condition(models.Model):
    """A condition (批复条件) attached to an approval, and when it was met."""

    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="conditions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(_("condition"), max_length=1000)
    zone = models.ForeignKey("planning.Zone", models.PROTECT, null=True, related_name="conditions")
    due_on = models.DateField(_("to be met by"), null=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)
    met_at = models.DateTimeField(_("met"), null=True)
    met_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    met_note = models.CharField(_("how it was met"), max_length=500, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="condition_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.number}"


class Cause(models.Model):
    """Why a zone differs from the version before: the comment, opinion or point of a return that it answers."""

    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="causes")
    zone = models.ForeignKey("planning.Zone", models.PROTECT, related_name="causes")
    comment = models.ForeignKey("planning.Comment", models.PROTECT, null=True, related_name="effects")
    opinion = models.ForeignKey(Opinion, models.PROTECT, null=True, related_name="effects")
    item = models.ForeignKey("planning.ReturnItem", models.PROTECT, null=True, related_name="effects")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(comment__isnull=False, opinion=None, item=None)
                | Q(comment=None, opinion__isnull=False, item=None)
                | Q(comment=None, opinion=None, item__isnull=False),
                name="cause_is_one_thing",
            ),
            models.UniqueConstraint(fields=["zone", "comment"], name="cause_comment_once"),
            models.UniqueConstraint(fields=["zone", "opinion"], name="cause_opinion_once"),
            models.UniqueConstraint(fields=["zone", "item"], name="cause_item_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.zone_id}"
