"""Which binding indicators (约束性指标) a changed plan makes worse than the plan in force has them.

What is measured is known to `indicators`, which planning may not import: it registers the answer here (as in
planning.freshness), and the judgement how long a procedure an amendment takes asks here.
"""

from collections.abc import Callable

from planning.asked_above import Asked
from planning.models import PlanVersion

_answers: Asked[Callable[[PlanVersion, PlanVersion], list[str]]] = Asked()
answered_by = _answers.register
"""registers the function that knows: of two versions, the older first, what gets worse, in words with its unit"""


def worsened(before: PlanVersion, after: PlanVersion) -> list[str]:
    """Binding indicators that are worse in `after`; empty as well while one of the two is not computed."""
    return [words for answer in _answers for words in answer(before, after)]
