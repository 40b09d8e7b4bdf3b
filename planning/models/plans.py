"""Plans, their versions that never change, and the steps a version went through."""

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id
from portal.models import Upload, User
from portal.rules import STAFF, prefixes


class State(models.TextChoices):
    """States of a version in the statutory sequence (法定程序), in the order they are passed.

    Which step leads from which to which is data: WorkflowRule.procedure. `commissioned` belongs to a plan of which nothing
    was handed in yet; `returned`, `superseded` and `withdrawn` end a version, its successor answers it.
    """

    COMMISSIONED = "commissioned", _("Commissioned")
    DRAFT = "draft", _("Draft")
    ROUND1 = "round1", _("Villagers’ first round")
    JOINT_REVIEW = "joint_review", _("Joint review")
    ASSEMBLY = "assembly", _("Villagers’ assembly")
    NOTICE = "notice", _("Public notice")
    QUALITY_CHECK = "quality_check", _("Quality check")
    SUBMITTED = "submitted", _("Submitted for approval")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    FILED = "filed", _("Handed over")
    IN_FORCE = "in_force", _("In force")
    RETURNED = "returned", _("Returned")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ENDED = (State.RETURNED, State.SUPERSEDED, State.WITHDRAWN)
# decided: the plan binds, and its version is the one that counts
DECIDED = (State.APPROVED, State.PUBLISHED, State.FILED, State.IN_FORCE)
# officials have it on their desks
UNDER_REVIEW = (State.JOINT_REVIEW, State.ASSEMBLY, State.QUALITY_CHECK, State.SUBMITTED)


class Track(models.TextChoices):
    """Which procedure (程序) a version goes through: a new plan and 重大修改 the full one, the others a shorter one."""

    FULL = "full", _("Full procedure (new plan or major amendment)")
    LOCAL = "local", _("Local adjustment")
    MAINTENANCE = "maintenance", _("Maintenance or correction")


class PlanQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "PlanQuerySet":
        """Plans of which the user may see at least one version."""
        return self.filter(Exists(PlanVersion.objects.visible_to(user).filter(plan=OuterRef("pk"))))


def asked(user: User) -> models.QuerySet:
    """Ids of the versions on which the person, as an expert or for a department, may give an opinion: asked, and declared
    to have no interest of their own in it."""
    requests = apps.get_model("planning", "ReviewRequest").objects.open_to(user)
    return requests.values("version")


class Plan(models.Model):
    """The plan of one village (村庄规划); what is planned stands in its versions."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    village = models.ForeignKey("villages.Village", models.PROTECT, related_name="plans")
    name = models.CharField(_("name"), max_length=200)
    target_year = models.PositiveSmallIntegerField(_("target year"), default=2035)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["village_id", "created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def division_code(self) -> str:
        return self.village_id


class PlanVersionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "PlanVersionQuerySet":
        """What was opened to the public is visible to all; drafts to staff of the division or one above it, and to those
        who were asked for an opinion, until their request is called back."""
        seen = Q(published_at__isnull=False)
        for prefix in prefixes(user, STAFF):
            seen |= Q(plan__village__division__code__startswith=prefix)
        return self.filter(seen | Q(pk__in=asked(user)))

    def undecided(self) -> "PlanVersionQuerySet":
        """Neither approved nor followed by one that was: what was said of them still asks for an answer."""
        following = PlanVersion.objects.filter(plan=OuterRef("plan"), number__gte=OuterRef("number"))
        return self.filter(~Exists(following.filter(steps__to_state__in=DECIDED)))

    def with_plan(self) -> "PlanVersionQuerySet":
        return self.select_related("plan__village__division")


class PlanVersion(models.Model):
    """One immutable version of a plan (规划成果版本); a changed plan is a new version. `state` is written by workflow.move alone."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    track = models.CharField(
        _("procedure"), max_length=20, choices=Track.choices, default=Track.FULL, db_default=Track.FULL
    )
    amends = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="amended_by", verbose_name=_("amends")
    )
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    # SHA-256 over codes and shapes of the zones alone: a changed layout needs a new public notice
    layout = models.CharField(_("layout digest"), max_length=64, blank=True, db_default="")
    digest = models.CharField(_("content digest"), max_length=64)
    upload = models.ForeignKey(Upload, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(_("opened to the public"), null=True)
    # what the quality check found (质检报告); written once, with the version
    report = models.JSONField(default=dict)
    checked_at = models.DateTimeField(_("conflicts checked"), null=True)

    objects = PlanVersionQuerySet.as_manager()

    class Meta:
        ordering = ["plan_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_number_once"),
            models.UniqueConstraint(fields=["plan"], condition=Q(state="approved"), name="plan_one_approved_version"),
            models.UniqueConstraint(fields=["plan"], condition=Q(state="in_force"), name="plan_one_version_in_force"),
        ]

    def __str__(self) -> str:
        return _("%(plan)s, version %(number)s") % {"plan": self.plan.name, "number": self.number}

    @property
    def village(self) -> models.Model:
        return self.plan.village

    @property
    def division_code(self) -> str:
        return self.plan.village_id

    @property
    def is_public(self) -> bool:
        return self.published_at is not None
