"""Plans, their versions that never change, and the steps a version went through."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id
from portal.models import Upload, User
from portal.models.accounts import division_prefix
from portal.rules import STAFF, prefixes


class State(models.TextChoices):
    """States of a version for now; a later slice deepens them to the statutory sequence."""

    DRAFT = "draft", _("Draft")
    NOTICE = "notice", _("Public notice")
    REVIEW = "review", _("Under review")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Returned")
    SUPERSEDED = "superseded", _("Superseded")


class PlanQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "PlanQuerySet":
        """Plans of which the user may see at least one version."""
        return self.filter(Exists(PlanVersion.objects.visible_to(user).filter(plan=OuterRef("pk"))))


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
        """What was opened to the public is visible to all; drafts only to staff of the division or one above it."""
        seen = Q(published_at__isnull=False)
        for prefix in prefixes(user, STAFF):
            seen |= Q(plan__village__division__code__startswith=prefix)
        return self.filter(seen)

    def with_plan(self) -> "PlanVersionQuerySet":
        return self.select_related("plan__village__division")


class PlanVersion(models.Model):
    """One immutable version of a plan (规划成果版本); a changed plan is a new version. `state` is written by workflow.move alone."""

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
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


class Step(models.Model):
    """A move from one state to another (办理记录): append-only, the state of a version is a copy of its last step."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="steps")
    name = models.CharField(max_length=20)
    from_state = models.CharField(max_length=10, choices=State.choices)
    to_state = models.CharField(max_length=10, choices=State.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(_("reasons"), blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.version_id} {self.from_state} → {self.to_state}"


class Notice(models.Model):
    """The public notice of a version (批前公示): the days it is open, both inclusive, in Asia/Shanghai."""

    version = models.OneToOneField(PlanVersion, models.PROTECT, related_name="notice")
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="notice_dates_in_order")]

    def __str__(self) -> str:
        return f"{self.opens_on} – {self.closes_on}"


class WorkflowRule(models.Model):
    """Lengths of the workflow for a province or county, with source and date: data, because they differ."""

    division_code = models.CharField(max_length=12, help_text=_("Empty means the whole country."), blank=True)
    notice_days = models.PositiveSmallIntegerField(_("days of public notice"))
    closing_early = models.BooleanField(_("may close early"), default=False, help_text=_("For demonstration only."))
    exception_more_m2 = models.FloatField(
        _("m² beyond an exception"), default=10, db_default=10, validators=[MinValueValidator(0)],
        help_text=_("How far a redrawn conflict may reach beyond the one an exception was granted for, and"),
    )  # fmt: skip
    exception_more_percent = models.FloatField(
        _("% beyond an exception"), default=1, db_default=1, validators=[MinValueValidator(0)],
        help_text=_("how many per cent of its area; both must hold. Sample values, not from an official text."),
    )  # fmt: skip
    source = models.CharField(_("source"), max_length=200)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["division_code", "valid_from"], name="workflow_rule_once")]

    def __str__(self) -> str:
        return f"{self.division_code or '*'}: {self.notice_days}"

    @classmethod
    def for_division(cls, code: str, day: object) -> "WorkflowRule":
        """The most specific rule in force on that day for a division."""
        rules = cls.objects.filter(valid_from__lte=day)
        fitting = [r for r in rules if code.startswith(division_prefix(r.division_code) if r.division_code else "")]
        return max(fitting, key=lambda r: (len(r.division_code), r.valid_from))
