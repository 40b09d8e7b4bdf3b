"""The rules by their number, and the run over all of them."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from planning.quality.case import Case
from portal.geo.issues import ERROR, WARNING, Issue

CATALOGUE = Path(__file__).resolve().parent.parent / "data" / "quality_rules.json"
ISSUES_PER_RULE = 500


@dataclass(frozen=True)
class NotApplicable:
    """Answer of a rule that has nothing to look at; `why` is a reason of issue_texts."""

    why: str
    params: dict[str, Any] = field(default_factory=dict)


Found = Iterable[Issue] | NotApplicable
RULES: dict[str, Callable[[Case], Found]] = {}


@dataclass
class Result:
    """What became of one rule: passed, failed, not_applicable or off."""

    code: str
    level: str
    state: str
    issues: list[Issue] = field(default_factory=list)
    count: int = 0
    why: NotApplicable | None = None

    @property
    def worst(self) -> str:
        return ERROR if any(i.level == ERROR for i in self.issues) else WARNING


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """Code -> group, level, weight, source: the portal's defaults, in the order of the report."""
    return {entry["code"]: entry for entry in json.loads(CATALOGUE.read_text("utf-8"))["rules"]}


def rule(code: str) -> Callable[[Callable[[Case], Found]], Callable[[Case], Found]]:
    """Register the function that checks one rule of the catalogue."""

    def register(check: Callable[[Case], Found]) -> Callable[[Case], Found]:
        RULES[code] = check
        return check

    return register


def level_of(case: Case, code: str) -> str:
    """error, warning or off: as the profile says, else as the catalogue does."""
    return case.profile.rules.get("levels", {}).get(code) or catalogue()[code]["level"]


def tolerances(rules: dict[str, Any], code: str) -> dict[str, float]:
    """The numbers a rule measures with: the catalogue's, or the profile's own (`rules` of its content)."""
    own = rules.get("tolerances", {})
    return {name: own.get(name, value) for name, value in catalogue()[code].get("tolerances", {}).items()}


def run(case: Case) -> list[Result]:
    """Every rule of the catalogue in its order. `case.progress` hears the share of rules done and may end the run."""
    results = []
    for n, code in enumerate(catalogue()):
        case.begun = n / len(catalogue())
        case.progress(case.begun)
        results.append(_one(case, code))
    return results


def _one(case: Case, code: str) -> Result:
    level = level_of(case, code)
    if level == "off":
        return Result(code, level, "off")
    found = RULES[code](case)
    if isinstance(found, NotApplicable):
        return Result(code, level, "not_applicable", why=found)
    issues = [i for i in case.found_before if i.code == code]
    issues += [replace(i, level=WARNING) if level == WARNING else i for i in found]
    if not issues:
        return Result(code, level, "passed")
    return Result(code, level, "failed", cut(issues), sum(map(counted, issues)))


def counted(issue: Issue) -> int:
    """How many faults an issue stands for: the last of a list that was cut stands for the rest."""
    return issue.params["count"] if issue.params.get("reason") == "more" else 1


def cut(issues: list[Issue]) -> list[Issue]:
    """The first of many, errors before warnings, and one that says how many more there are."""
    if len(issues) <= ISSUES_PER_RULE or issues[-1].params.get("reason") == "more":
        return issues
    issues = sorted(issues, key=lambda issue: issue.level != ERROR)
    more = {"reason": "more", "count": len(issues) - ISSUES_PER_RULE}
    last = issues[ISSUES_PER_RULE]
    return [*issues[:ISSUES_PER_RULE], Issue(last.code, last.level, last.layer, None, more)]
