"""Conflict checks that could not be made, or not whole, as a run kept them: what was not checked has not been passed."""

from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from indicators.catalogue import NOTES
from indicators.checks import CHECKS
from indicators.models import Run
from planning import conflicts
from planning import unmade as letters
from planning.models import Finding, PlanVersion

PROTECTED = frozenset({"K1", "K3", "K4"})
"""farmland, red line, construction boundary: the three lines every village plan is held to (三区三线)"""


@dataclass(frozen=True)
class Unmade:
    """A check that was not made, or (`partly`) made but for what `why` says."""

    code: str
    name: str
    why: str
    severity: str
    partly: bool


def of_run(run: Run) -> list[Unmade]:
    """In the order of the checks."""
    return [
        Unmade(
            note["check"],
            conflicts.name(note["check"]),
            why(note),
            note.get("severity") or (CHECKS[note["check"]].severity if note["check"] in CHECKS else Finding.Severity.WARN),
            note.get("partly", False),
        )
        for note in run.notes if "check" in note
    ]  # fmt: skip


def why(note: dict[str, Any]) -> str:
    """The reason in words, with the names it speaks of."""
    said = str(NOTES.get(note["note"], note["note"]))
    if not note.get("named"):
        return said
    names = _(", ").join(str(conflicts.LEVELS.get(name, name)) for name in note["named"])
    return _("%(reason)s: %(names)s.") % {"reason": said, "names": names}


def told(run: Run) -> list[Unmade]:
    """Those the public is told of: neither pieces of a ledger nor what is about households."""
    return [u for u in of_run(run) if u.severity != Finding.Severity.INFO and u.code not in conflicts.PERSONAL]


def of_protected(run: Run) -> list[Unmade]:
    """Those of the three lines that were not made: while there is one, nobody may say that all is clear."""
    return [u for u in of_run(run) if u.code in PROTECTED and not u.partly]


def blocking(run: Run) -> list[Unmade]:
    """Those whose conflicts would stop the plan."""
    return [u for u in told(run) if u.severity == Finding.Severity.BLOCK]


@letters.answered_by
def in_letter(version: PlanVersion) -> list[str]:
    """Those of the newest run that would stop the plan, each with its reason, as the letter names them: in Chinese."""
    run = version.runs.only("version_id", "notes").first()
    with translation.override("zh-hans"):
        return [f"{u.name}{'（部分）' if u.partly else ''}：{u.why}" for u in blocking(run)] if run else []
