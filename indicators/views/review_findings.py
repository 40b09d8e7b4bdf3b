"""What the review page says of conflicts: a list sorted by severity and narrowed by what an official asks for, with what to
do, what is new, still there or fixed since the version before, and the exceptions that were asked for or confirmed."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators import carrying, plain_words
from indicators.checks import CHECKS, Check
from indicators.views.review_filters import Filters, Sums, sums_of
from planning import conflicts, waivers
from planning.maps import classes
from planning.models import Finding, PlanVersion, Waiver
from portal.models import User

PER_PAGE = 100
"""rows of a page of the list: enough to step through, few enough for an old computer"""
RECORD = "record"
"""what is no conflict but a piece of a ledger stands apart, after the others"""
RECORD_NAME, RECORD_WORDS = _("For the record"), _("No conflict: it is listed so that the ledgers can be followed.")
SEVERITIES = [str(severity) for severity in Finding.Severity]
CATEGORIES = [*map(str, plain_words.CATEGORIES)]


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one category, severity and check: how many there are, and those of this page."""

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

    @property
    def law(self) -> str:
        return self.check.law if self.check else conflicts.law(self.code)


@dataclass(frozen=True)
class Row:
    """A finding with its place in the whole list, its class, and the exceptions that speak of it."""

    finding: Finding
    position: int
    planned: Any
    fixed: bool = False
    covered_by: Waiver | None = None
    asked: Waiver | None = None
    outgrown: Waiver | None = None
    may_ask: bool = False

    @property
    def key(self) -> str:
        """Its name on the page; what is fixed has the number it had in the version before."""
        return f"fixed-{self.finding.number}" if self.fixed else str(self.finding.number)

    @property
    def sentence(self) -> str:
        found = self.finding
        return conflicts.sentence(found.code, found.category, found.area_m2, found.detail)

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
    fixed_count: int = 0


def of_version(version: PlanVersion, user: User, query: QueryDict, versions: list[PlanVersion]) -> dict[str, Any]:
    """Everything the conflicts' part of the page shows."""
    sums = sums_of(version.findings)
    older = checked_before(version, versions)
    gone = carrying.fixed(version, older) if older else Finding.objects.none()
    gone_sums = sums_of(gone) if older else Sums([])
    filters = Filters.read(query)
    told = gone_sums if filters.since == "fixed" else sums
    total = told.count(filters)
    pages = Paginator(range(total), PER_PAGE)
    page = pages.get_page(query.get("page"))
    rows = filters.narrowed(gone if filters.since == "fixed" else version.findings.all())
    first = max(page.start_index() - 1, 0)
    shown = list(sorted_rows(placed(rows), told)[first : first + PER_PAGE]) if total else []
    return {
        "filters": filters,
        "choices": filters.choices(sums, gone_sums, has_older=older is not None),
        "groups": groups_of(version, user, shown, told.narrowed(filters), first, fixed=filters.since == "fixed"),
        "finding_page": page,
        "finding_total": total,
        "finding_count": sums.count(Filters()),
        "finding_sums": sums,
        "glance": glance(sums),
        "carried": Carried(older, sums.carried("new"), sums.carried("still"), gone_sums.count(Filters())),
    }


def checked_before(version: PlanVersion, versions: list[PlanVersion]) -> PlanVersion | None:
    """The version its conflicts are held against (indicators.carrying.before), of those the page has read, newest first."""
    older = (other for other in versions if other.number < version.number and other.checked_at)
    return next(older, None) if version.checked_at else None


def told_as(severity: str, category: str) -> str:
    """Under which heading findings stand."""
    return RECORD if severity == Finding.Severity.INFO else category


def natural(code: str) -> tuple[str, int]:
    """K2 before K10."""
    return code[:1], int(code[1:]) if code[1:].isdigit() else 0


def sorted_rows(findings: QuerySet[Finding], sums: Sums) -> QuerySet[Finding]:
    """Real ones before what is allowed, was there before, or is no more than a drawn line; the most severe first; then by check,
    the largest first. What is only for the record stands last."""
    codes = sorted({row["code"] for row in sums.rows}, key=natural)
    return findings.order_by(
        Case(When(severity=Finding.Severity.INFO, then=Value(1)), default=Value(0), output_field=IntegerField()),
        ranked("category", CATEGORIES),
        ranked("severity", SEVERITIES),
        ranked("code", codes),
        "-area_m2",
        "number",
    )


def ranked(name: str, values: list[str]) -> Case:
    whens = [When(**{name: value}, then=Value(rank)) for rank, value in enumerate(values)]
    return Case(*whens, default=Value(len(values)), output_field=IntegerField())


def placed(findings: QuerySet[Finding]) -> QuerySet[Finding]:
    """Findings with their zone, and whether they have a place on the map; their shapes are not read."""
    return findings.select_related("zone").defer("geom", "zone__geom", "zone__geom_web").annotate(
        placed=Q(geom__isnull=False)
    )  # fmt: skip


def groups_of(
    version: PlanVersion, user: User, found: list[Finding], sums: Sums, first: int, *, fixed: bool
) -> list[FindingGroup]:
    """The findings of a page under the headings of category and check."""
    make = rows_of(version, user, found, fixed=fixed) if found else None
    rows = [make(finding, position) for position, finding in enumerate(found, first + 1)]
    heading = lambda row: (row.finding.severity, row.finding.category, row.finding.code)  # noqa: E731
    return [group_of(key, list(members), sums) for key, members in groupby(rows, key=heading)]


def group_of(key: tuple[str, str, str], rows: list[Row], sums: Sums) -> FindingGroup:
    severity, category, code = key
    heading = told_as(severity, category)
    count, area = sums.of(severity, category, code)
    return FindingGroup(
        category=heading,
        category_name=RECORD_NAME if heading == RECORD else Finding.Category(category).label,
        explanation=RECORD_WORDS if heading == RECORD else plain_words.CATEGORIES[category],
        check=CHECKS.get(code),
        code=code,
        severity=severity,
        count=count,
        area_m2=area,
        rows=rows,
    )


def rows_of(version: PlanVersion, user: User, findings: list[Finding], *, fixed: bool) -> Any:
    """Makes the row of a finding; classes and exceptions are read once for all of them."""
    names = classes({finding.zone.code for finding in findings if finding.zone})
    known = Waiver.objects.filter(plan=version.plan_id).select_related("proposed_by", "decided_by").defer("geom")
    by_id = {waiver.pk: waiver for waiver in known}
    waiting = {waiver.key: waiver for waiver in by_id.values() if waiver.state == Waiver.State.PROPOSED}
    may_ask = not fixed and waivers.may_ask(user, version)

    def make(finding: Finding, position: int) -> Row:
        asked = waiting.get(finding.key)
        return Row(
            finding,
            position,
            names.get(finding.zone.code) if finding.zone else None,
            fixed=fixed,
            covered_by=by_id.get(finding.waiver_id),
            asked=asked,
            outgrown=by_id.get(finding.detail.get("waiver_outgrown")),
            may_ask=may_ask and asked is None and waivers.needs_one(finding),
        )

    return make


def glance(sums: Sums) -> dict[str, int]:
    """Numbers of findings by category; what is for the record is counted apart."""
    counts = dict.fromkeys([*CATEGORIES, RECORD], 0)
    for row in sums.rows:
        counts[told_as(row["severity"], row["category"])] += row["count"]
    return counts
