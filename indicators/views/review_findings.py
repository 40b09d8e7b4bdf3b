"""What the review page says of conflicts: by category and check, with what to do, what is new, still there or fixed since the
version before, and the exceptions that were asked for or confirmed."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators import carrying, plain_words
from indicators.catalogue import NOTES
from indicators.checks import CHECKS, Check
from indicators.models import Run
from planning import conflicts, waivers
from planning.maps import classes
from planning.models import Finding, PlanVersion, Waiver
from portal.models import User

LISTED = 300  # the map shows 1000, the API all
FIXED = 100
RECORD = "record"
"""what is no conflict but a piece of a ledger stands apart, after the others"""
RECORD_NAME, RECORD_WORDS = _("For the record"), _("No conflict: it is listed so that the ledgers can be followed.")


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one category, severity and check: the law, what to do, and the places."""

    category: str
    category_name: str | Promise
    explanation: str | Promise
    check: Check | None
    code: str
    severity: str
    count: int
    area_m2: float
    rows: list["Row"]

    @property
    def blocks(self) -> bool:
        return self.category == Finding.Category.REAL and self.severity == Finding.Severity.BLOCK

    @property
    def name(self) -> str:
        return str(self.check.name) if self.check else conflicts.name(self.code)


@dataclass(frozen=True)
class Row:
    """A finding with its class, and the exceptions that speak of it."""

    finding: Finding
    planned: Any
    covered_by: Waiver | None = None
    asked: Waiver | None = None
    outgrown: Waiver | None = None
    may_ask: bool = False

    @property
    def figures(self) -> str:
        """The figures behind it in words."""
        return conflicts.reasons(self.finding.detail)

    @property
    def why_outgrown(self) -> str | Promise:
        other = _("The zone is planned as another class than the exception was granted for.")
        further = _("It reaches further than the exception that was granted.")
        return other if self.finding.detail.get("waiver_why") == "land_use" else further


@dataclass(frozen=True)
class Carried:
    """How the conflicts stand against those of the version before; for a first version `older` is None."""

    older: PlanVersion | None
    new: int = 0
    still: int = 0
    fixed: list[Finding] = field(default_factory=list)
    fixed_count: int = 0


def of_version(version: PlanVersion, user: User) -> dict[str, Any]:
    """Everything the conflicts' part of the page shows."""
    groups = finding_groups(version, user)
    return {
        "groups": groups,
        "glance": glance(groups),
        "findings_left_out": sum(group.count - len(group.rows) for group in groups),
        "carried": carried(version),
    }


def finding_groups(version: PlanVersion, user: User) -> list[FindingGroup]:
    """Findings by category, real ones first, and check; within a group the largest first."""
    order = [*plain_words.CATEGORIES, RECORD]
    sums = version.findings.order_by().values("category", "severity", "code")
    sums = [{**s, "told_as": told_as(s)} for s in sums.annotate(count=Count("pk"), area=Sum("area_m2"))]
    rows, left = {}, LISTED
    for s in sorted(sums, key=lambda s: (order.index(s["told_as"]), s["severity"], natural(s["code"]))):
        found = placed(version.findings.filter(category=s["category"], severity=s["severity"], code=s["code"]))
        rows[s["told_as"], s["severity"], s["code"]] = s, list(found.order_by("-area_m2", "number")[:left])
        left -= len(rows[s["told_as"], s["severity"], s["code"]][1])
    make = rows_of(version, user, [finding for _sum, found in rows.values() for finding in found])
    return [group_of(s, [make(finding) for finding in found]) for s, found in rows.values()]


def told_as(s: dict[str, Any]) -> str:
    """Under which heading findings stand."""
    return RECORD if s["severity"] == Finding.Severity.INFO else s["category"]


def natural(code: str) -> tuple[str, int]:
    """K2 before K10."""
    return code[:1], int(code[1:]) if code[1:].isdigit() else 0


def placed(findings: QuerySet[Finding]) -> QuerySet[Finding]:
    """Findings with their zone, and whether they have a place on the map; their shapes are not read."""
    return findings.select_related("zone").defer("geom", "zone__geom", "zone__geom_web").annotate(
        placed=Q(geom__isnull=False)
    )  # fmt: skip


def group_of(s: dict[str, Any], rows: list[Row]) -> FindingGroup:
    record = s["told_as"] == RECORD
    return FindingGroup(
        category=s["told_as"],
        category_name=RECORD_NAME if record else Finding.Category(s["category"]).label,
        explanation=RECORD_WORDS if record else plain_words.CATEGORIES[s["category"]],
        check=CHECKS.get(s["code"]),
        code=s["code"],
        severity=s["severity"],
        count=s["count"],
        area_m2=s["area"],
        rows=rows,
    )


def rows_of(version: PlanVersion, user: User, findings: list[Finding]) -> Any:
    """Makes the row of a finding; classes and exceptions are read once for all of them."""
    names = classes({finding.zone.code for finding in findings if finding.zone})
    known = Waiver.objects.filter(plan=version.plan_id).select_related("proposed_by", "decided_by").defer("geom")
    by_id = {waiver.pk: waiver for waiver in known}
    waiting = {waiver.key: waiver for waiver in by_id.values() if waiver.state == Waiver.State.PROPOSED}
    may_ask = waivers.may_ask(user, version)

    def make(finding: Finding) -> Row:
        asked = waiting.get(finding.key)
        return Row(
            finding,
            names.get(finding.zone.code) if finding.zone else None,
            covered_by=by_id.get(finding.waiver_id),
            asked=asked,
            outgrown=by_id.get(finding.detail.get("waiver_outgrown")),
            may_ask=may_ask and asked is None and waivers.needs_one(finding),
        )

    return make


def glance(groups: list[FindingGroup]) -> dict[str, int]:
    """Numbers of findings by category."""
    counts = dict.fromkeys([*map(str, plain_words.CATEGORIES), RECORD], 0)
    for group in groups:
        counts[group.category] += group.count
    return counts


def carried(version: PlanVersion) -> Carried:
    """New, still there and fixed (新增、仍在、已消除) against the version before."""
    older = carrying.before(version) if version.checked_at else None
    if older is None:
        return Carried(None)
    counts = dict(version.findings.order_by().values_list("carried").annotate(Count("pk")))
    gone = carrying.fixed(version)
    rows = list(gone.defer("geom", "zone__geom", "zone__geom_web").order_by("code", "-area_m2", "number")[:FIXED])
    for row in rows:
        row.name = conflicts.name(row.code)
    return Carried(older, counts.get("new", 0), counts.get("still", 0), rows, gone.count())


def unchecked(run: Run) -> list[dict[str, Any]]:
    """Checks that could not be made, with the reason: not checked is not passed."""
    return [
        {"check": CHECKS.get(note["check"]), "code": note["check"], "why": NOTES.get(note["note"], note["note"])}
        for note in run.notes if "check" in note
    ]  # fmt: skip
