"""Conflict checks that would stop a plan and could not be made (未能进行的冲突检查), for want of a line or a figure.

Whether that is in order is for the county to say: a village may have no red line, or the county may not have handed it over. So
they stop nobody, and the decision letter names each with the reason: whoever writes and issues it has read them. Which
they are is known to whoever made the checks, which planning may not import: `indicators` registers the answer here.
"""

from collections.abc import Callable

from planning.models import PlanVersion

Answer = Callable[[PlanVersion], list[str]]
_answers: list[Answer] = []


def answered_by(function: Answer) -> Answer:
    """Register the function that knows: the checks of a version with their reasons, each a line in Chinese."""
    if function not in _answers:
        _answers.append(function)
    return function


def lines_of(version: PlanVersion) -> list[str]:
    """What the letter says of them; nothing where all were made or nothing is computed yet."""
    return [line for answer in _answers for line in answer(version)]
