"""The report of a quality check (质检报告): the rules with what became of them, and a score."""

from typing import Any

from planning.quality.registry import Result, catalogue
from portal.geo.issues import ERROR, Issue

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


def as_json(results: list[Result], *, profile: str, weights: dict[str, float] | None = None) -> dict[str, Any]:
    """What is kept with the upload and its version."""
    return {
        "engine": ENGINE,
        "profile": profile,
        "score": score(results, weights or {}),
        "rules": [_rule(r) for r in results],
    }


def _rule(result: Result) -> dict[str, Any]:
    errors = sum(i.level == ERROR for i in result.issues)
    row = {
        "code": result.code,
        "level": result.level,
        "state": result.state,
        "errors": errors,
        "warnings": len(result.issues) - errors,
        "count": result.count,
    }
    return row if result.why is None else {**row, "why": {"reason": result.why.why, **result.why.params}}


def refused_unread(issues: list[Issue], *, profile: str) -> dict[str, Any]:
    """The report on a file that could not be read: what it failed, and nothing else checked."""
    failed = {i.code for i in issues}
    rules = [
        {
            "code": code,
            "level": entry["level"],
            "state": "failed" if code in failed else "not_checked",
            "errors": sum(i.code == code for i in issues),
            "warnings": 0,
            "count": sum(i.code == code for i in issues),
        }
        for code, entry in catalogue().items()
    ]
    return {"engine": ENGINE, "profile": profile, "score": 0.0, "rules": rules}
