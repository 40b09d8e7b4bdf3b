"""Narrowing the conflicts of a review: by severity, category, check, exception, and by what they were in the version before."""

from dataclasses import dataclass, fields
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Sum
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from planning import conflicts
from planning.models import Finding

EXCEPTIONS = {"open": _("Without an exception"), "covered": _("Covered by an exception")}
SINCE = {**{str(c): c.label for c in Finding.Carried}, "fixed": _("Fixed")}
LABELS: dict[str, str | Promise] = {
    "severity": _("Severity"),
    "category": _("Category"),
    "check": _("Check"),
    "exception": _("Exception"),
    "since": _("Since the last version"),
}


@dataclass(frozen=True)
class Sums:
    """Numbers and areas of findings by severity, category, check, exception and what they were before: a few dozen rows,
    from which every count of the page is made."""

    rows: list[dict[str, Any]]

    def narrowed(self, filters: "Filters") -> "Sums":
        return Sums([row for row in self.rows if filters.take(row)])

    def count(self, filters: "Filters") -> int:
        return sum(row["count"] for row in self.rows if filters.take(row))

    def carried(self, kind: str) -> int:
        return sum(row["count"] for row in self.rows if row["carried"] == kind)

    def of(self, severity: str, category: str, code: str) -> tuple[int, float]:
        """How many findings stand under a heading, and their area in m²."""
        own = [r for r in self.rows if (r["severity"], r["category"], r["code"]) == (severity, category, code)]
        return sum(row["count"] for row in own), sum(row["area"] for row in own)


def sums_of(findings: QuerySet[Finding]) -> Sums:
    """The sums of some findings, by one query."""
    covered = ExpressionWrapper(Q(waiver__isnull=False), output_field=BooleanField())
    rows = findings.order_by().annotate(covered=covered).values("severity", "category", "code", "carried", "covered")
    return Sums(list(rows.annotate(count=Count("pk"), area=Sum("area_m2"))))


@dataclass(frozen=True)
class Filters:
    """What an official asks for; an empty field asks for everything."""

    severity: str = ""
    category: str = ""
    check: str = ""
    exception: str = ""
    since: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "Filters":
        """The filters of an address; what is no value of a filter is left out."""
        known = {
            "severity": Finding.Severity.values, "category": Finding.Category.values, "check": conflicts.CHECKS,
            "exception": EXCEPTIONS, "since": SINCE,
        }  # fmt: skip
        return cls(**{name: said for name, values in known.items() if (said := query.get(name, "")) in values})

    @property
    def active(self) -> int:
        """How many are set."""
        return sum(bool(getattr(self, field.name)) for field in fields(self))

    def take(self, row: dict[str, Any]) -> bool:
        """Whether a row of sums is asked for."""
        return (
            self.severity in ("", row["severity"])
            and self.category in ("", row["category"])
            and self.check in ("", row["code"])
            and (not self.exception or row["covered"] == (self.exception == "covered"))
            and self.since in ("", "fixed", row["carried"])
        )

    def narrowed(self, findings: QuerySet[Finding]) -> QuerySet[Finding]:
        """The findings that are asked for; those that are fixed are findings of the version before."""
        wanted = {"severity": self.severity, "category": self.category, "code": self.check}
        if self.since != "fixed":
            wanted["carried"] = self.since
        findings = findings.filter(**{name: value for name, value in wanted.items() if value})
        return findings.filter(waiver__isnull=self.exception == "open") if self.exception else findings

    def choices(self, sums: Sums, gone: Sums, *, has_older: bool) -> list[dict[str, Any]]:
        """The filters of the form, each with its values and how many findings they leave."""
        codes = sorted({row["code"] for row in [*sums.rows, *gone.rows]}, key=lambda code: (len(code), code))
        found = {
            "severity": list(Finding.Severity.choices),
            "category": list(Finding.Category.choices),
            "check": [(code, f"{code} {conflicts.name(code)}") for code in codes],
            "exception": list(EXCEPTIONS.items()),
        }
        if has_older:
            found["since"] = list(SINCE.items())
        return [
            {"name": name, "label": LABELS[name], "chosen": getattr(self, name), "options": counted(name, options, sums, gone)}
            for name, options in found.items()
        ]  # fmt: skip


def counted(name: str, options: list[Any], sums: Sums, gone: Sums) -> list[tuple[str, str | Promise, int]]:
    return [
        (value, label, (gone if (name, value) == ("since", "fixed") else sums).count(Filters(**{name: value})))
        for value, label in options
    ]
