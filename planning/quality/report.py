"""The report of a quality check (质检报告): the rules with what became of them, and a score."""

from typing import Any

from django.utils import timezone

from planning.quality.registry import Result, catalogue, tolerances
from portal.geo.issues import ERROR, WARNING, Issue

ENGINE = "1"


def score(results: list[Result], weights: dict[str, float]) -> float:
    """100 minus the weight of each failed rule; a rule that only warned costs a third of its weight. Never below 0.

    The weights are the portal's own (domain 3.5: "100 minus weights"); a profile may set others.
    """
    lost = sum(
        weights.get(r.code, catalogue()[r.code]["weight"]) * (1 if r.worst == ERROR else 1 / 3)
        for r in results
        if r.state == "failed"
    )
    return round(max(0.0, 100 - lost), 1)


def as_json(results: list[Result], *, profile: str, rules: dict[str, Any] | None = None) -> dict[str, Any]:
    """What is kept with the upload and its version. `rules`: those of the profile's content."""
    rules = rules or {}
    return {
        "engine": ENGINE,
        "profile": profile,
        "at": timezone.now().isoformat(timespec="milliseconds"),
        "score": score(results, rules.get("weights", {})),
        "rules": [_rule(r, rules) for r in results],
    }


def _rule(result: Result, rules: dict[str, Any]) -> dict[str, Any]:
    errors, warnings = number(result.issues, ERROR), number(result.issues, WARNING)
    row = {
        "code": result.code,
        "level": result.level,
        "state": result.state,
        "errors": errors,
        "warnings": warnings,
        "count": errors + warnings,
    }
    if limits := tolerances(rules, result.code):
        row["tolerances"] = limits
    return row if result.why is None else {**row, "why": {"reason": result.why.why, **result.why.params}}


def number(issues: list[Issue], level: str) -> int:
    """Issues of a level; the one that stands for many counts as many."""
    return sum(int(i.params["count"]) if i.params.get("reason") == "more" else 1 for i in issues if i.level == level)


def refused_unread(issues: list[Issue], *, profile: str) -> dict[str, Any]:
    """The report on a file that could not be read: what it failed, and nothing else checked."""
    failed = {i.code for i in issues}
    rules = []
    for code, entry in catalogue().items():
        mine = [i for i in issues if i.code == code]
        errors, warnings = number(mine, ERROR), number(mine, WARNING)
        rules.append(
            {
                "code": code,
                "level": entry["level"],
                "state": "failed" if code in failed else "not_checked",
                "errors": errors,
                "warnings": warnings,
                "count": errors + warnings,
            }
        )
    at = timezone.now().isoformat(timespec="milliseconds")
    return {"engine": ENGINE, "profile": profile, "at": at, "score": 0.0, "rules": rules}


def count(report: dict[str, Any], level: str, group: str = "") -> int:
    """Errors or warnings of a stored report, of all rules or of those whose code begins with `group`."""
    key = "errors" if level == ERROR else "warnings"
    return sum(rule[key] for rule in report.get("rules", []) if rule["code"].startswith(group))
