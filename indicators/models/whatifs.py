"""What if a comment were adopted (假如采纳): a copy of a draft with one change, judged beside the original."""

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from planning.models import Comment, PlanVersion
from portal.ids import new_id
from portal.models import User


class WhatIfQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "WhatIfQuerySet":
        """Those of comments that are public, on versions the person may see. A comment that waits for a look or was taken
        out of sight takes its what-ifs with it, for everybody."""
        seen = PlanVersion.objects.visible_to(user)
        return self.filter(version__in=seen, comment__hidden_at=None).exclude(
            comment__in=Comment.objects.waiting().values("pk")
        )


class WhatIf(models.Model):
    """One change of a version that a comment asks for, with what it would do to conflicts and indicators.

    The copy lives only while it is judged; kept is what it showed. The plan itself never changes by it.
    """

    class State(models.TextChoices):
        WAITS = "waits", _("Waiting to be computed")
        DONE = "done", _("Ready to read")
        FAILED = "failed", _("Could not be computed")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    version = models.ForeignKey("planning.PlanVersion", models.PROTECT, related_name="what_ifs")
    comment = models.ForeignKey("planning.Comment", models.PROTECT, related_name="what_ifs")
    # the change: this land becomes this class
    geom = models.MultiPolygonField(srid=4490)
    code = models.CharField(_("land-use class"), max_length=6)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITS)
    # areas moved between classes, conflicts gone and new, indicators before and after; see indicators/whatif_result.py
    result = models.JSONField(default=dict)
    # SHA-256 over version digest, change, profile and control lines: the same question is computed once
    key = models.CharField(max_length=64, db_index=True)
    job = models.ForeignKey("portal.Job", models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = WhatIfQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["comment", "key"], name="what_if_once"),
            models.CheckConstraint(condition=~Q(code=""), name="what_if_has_a_class"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.code}"

    @property
    def division_code(self) -> str:
        return self.version.division_code
