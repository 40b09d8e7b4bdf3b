"""Conflict checks that could not be made (未能进行的冲突检查), or not whole, for want of a line or a figure.

Whether that is in order is for the county to say: a village may have no red line, or the county may not have handed it over. So
they stop nobody, but nobody is told that all is clear, and the decision letter names each that would stop a plan with the
reason: whoever writes and issues it has read them. Which they are is known to whoever made the checks, which planning may
not import: `indicators` registers the answer here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from planning.asked_above import Asked
from planning.models import Finding, PlanVersion

PROTECTED = frozenset({"K1", "K3", "K4"})
"""farmland, red line, construction boundary: the three lines every village plan is held to (三区三线)"""


@dataclass(frozen=True)
class Unmade:
    """A check that was not made, or (`partly`) made but for what `why` says; in the reader's language."""

    code: str
    name: str
    why: str
    severity: str
    partly: bool

    @property
    def blocks(self) -> bool:
        """Whether its conflicts would stop the plan."""
        return self.severity == Finding.Severity.BLOCK


_answers: Asked[Callable[[PlanVersion], list[Unmade]]] = Asked()
answered_by = _answers.register
"""registers the function that knows: the checks of a version that were not made, none before it was computed"""


def of_version(version: PlanVersion) -> list[Unmade]:
    return [unmade for answer in _answers for unmade in answer(version)]


def of_protected(unmade: Iterable[Unmade]) -> list[Unmade]:
    """Those of the three lines: while there is one, nobody may say that all is clear."""
    return [one for one in unmade if one.code in PROTECTED and not one.partly]


def none_found(version: PlanVersion) -> str:
    """What is said of a place where no check found a conflict."""
    if of_protected(of_version(version)):
        return _("Not everything could be checked, so nobody can say yet that there is no conflict.")
    return _("No conflict was found here.")


def in_letter(version: PlanVersion) -> list[str]:
    """The lines of the letter, which is in Chinese whoever reads it."""
    with translation.override("zh-hans"):
        return [f"{u.name}{'（部分）' if u.partly else ''}：{u.why}" for u in of_version(version) if u.blocks]
