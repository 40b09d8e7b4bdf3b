"""The steps a version went through, its public notice, its dates, and the rules that say how: data, because provinces differ."""

from collections.abc import Iterable

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from planning.models.plans import State
from portal.models.accounts import division_prefix


class Step(models.Model):
    """A move from one state to another (办理记录): append-only, the state of a version is a copy of its last step."""

    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="steps")
    name = models.CharField(max_length=20)
    from_state = models.CharField(max_length=20, choices=State.choices)
    to_state = models.CharField(max_length=20, choices=State.choices)
    # the rule by whose procedure it was made; the database looks the step up there
    rule = models.ForeignKey("planning.WorkflowRule", models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(_("reasons"), blank=True)
    at = models.DateTimeField(auto_now_add=True)
    # set by the database: the state of a version may change only in the transaction that wrote the step
    transaction = models.BigIntegerField(db_default=0, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.version_id} {self.from_state} → {self.to_state}"


class Notice(models.Model):
    """The public notice of a version (批前公示): the days it is open, both inclusive, in Asia/Shanghai."""

    version = models.OneToOneField("planning.PlanVersion", models.PROTECT, related_name="notice")
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="notice_dates_in_order")]

    def __str__(self) -> str:
        return f"{self.opens_on} – {self.closes_on}"


SHORTEST_NOTICE = 30
"""calendar days (城乡规划法第26条)"""


class WorkflowRule(models.Model):
    """Lengths of the workflow for a province or county, with source and date: data, because they differ."""

    division_code = models.CharField(max_length=12, help_text=_("Empty means the whole country."), blank=True)
    # of the full procedure, unless the procedure itself says more; 城乡规划法第26条
    notice_days = models.PositiveSmallIntegerField(
        _("days of public notice"), validators=[MinValueValidator(SHORTEST_NOTICE)]
    )
    closing_early = models.BooleanField(_("may close early"), default=False, help_text=_("For demonstration only."))
    exception_more_m2 = models.FloatField(
        _("m² beyond an exception"), default=10, db_default=10, validators=[MinValueValidator(0)],
        help_text=_("How far a redrawn conflict may reach beyond the one an exception was granted for, and"),
    )  # fmt: skip
    exception_more_percent = models.FloatField(
        _("% beyond an exception"), default=1, db_default=1, validators=[MinValueValidator(0)],
        help_text=_("how many per cent of its area; both must hold. Sample values, not from an official text."),
    )  # fmt: skip
    # steps, gates, deadlines and planned days (planning/procedures.py); empty: that of the division above
    procedure = models.JSONField(_("procedure"), default=dict, blank=True, db_default={})
    source = models.CharField(_("source"), max_length=200)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["division_code", "valid_from"], name="workflow_rule_once"),
            models.CheckConstraint(
                condition=Q(notice_days__gte=SHORTEST_NOTICE), name="workflow_rule_notice_as_the_law_asks"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.division_code or '*'}: {self.notice_days}"

    @classmethod
    def for_division(cls, code: str, day: object) -> "WorkflowRule":
        """The most specific rule in force on that day for a division."""
        return cls.fitting(code, day)[0]

    @classmethod
    def procedure_for(cls, code: str, day: object) -> "WorkflowRule":
        """The most specific rule in force on that day that holds a procedure of its own."""
        return next(rule for rule in cls.fitting(code, day) if rule.procedure)

    @classmethod
    def fitting(cls, code: str, day: object) -> list["WorkflowRule"]:
        """Rules in force on that day for a division and those above it, the most specific and newest first."""
        return cls.best_first(cls.objects.filter(valid_from__lte=day), code, day)

    @staticmethod
    def best_first(rules: Iterable["WorkflowRule"], code: str, day: object) -> list["WorkflowRule"]:
        """The same among rules that were read already, for lists of many villages."""
        found = [
            rule for rule in rules
            if str(rule.valid_from) <= str(day)
            and code.startswith(division_prefix(rule.division_code) if rule.division_code else "")
        ]  # fmt: skip
        return sorted(found, key=lambda rule: (len(division_prefix(rule.division_code)), rule.valid_from), reverse=True)


class PlannedDate(models.Model):
    """The day a step is meant to be made (计划日期); what follows is counted from it."""

    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="planned_dates")
    state = models.CharField(max_length=20, choices=State.choices)
    on = models.DateField(_("planned for"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["on"]
        constraints = [models.UniqueConstraint(fields=["version", "state"], name="planned_date_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.state} {self.on}"


class Deadline(models.Model):
    """A day by which something must be done (时限): counted by the procedure, or by a request."""

    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="deadlines")
    # the key of the procedure's deadline; those of requests are "opinion"
    kind = models.CharField(max_length=40)
    request = models.OneToOneField("planning.ReviewRequest", models.PROTECT, null=True, related_name="deadline")
    began_on = models.DateField()
    due_on = models.DateField(_("due on"))
    met_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on"]
        indexes = [models.Index(fields=["due_on"], condition=Q(met_at=None), name="deadline_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind"], condition=Q(request=None), name="deadline_once_a_version"
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("began_on")), name="deadline_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.kind} {self.due_on}"
