"""Conflict checks that could not be made, as a run kept them: what was not checked has not been passed (planning.unmade)."""

from typing import Any

from django.utils.translation import gettext as _

from indicators.catalogue import NOTES
from indicators.checks import CHECKS
from indicators.models import Run
from planning import conflicts, unmade
from planning.models import Finding, PlanVersion
from planning.unmade import Unmade


def of_run(run: Run) -> list[Unmade]:
    """In the order of the checks. A run of earlier times kept no severity; that of the check holds then."""
    return [
        Unmade(
            note["check"],
            conflicts.name(note["check"]),
            why(note),
            note.get("severity") or CHECKS[note["check"]].severity,
            note.get("partly", False),
        )
        for note in run.notes if note.get("check") in CHECKS
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


@unmade.answered_by
def of_version(version: PlanVersion) -> list[Unmade]:
    """Those of the newest run that the public is told of."""
    run = version.runs.only("version_id", "notes").first()
    return told(run) if run else []
