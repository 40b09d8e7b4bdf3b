"""Binding indicators (约束性指标) of two versions beside each other: planning asks which get worse (planning.binding)."""

from indicators import lights, plain_words, runs
from indicators.models import Run
from planning import binding
from planning.models import PlanVersion


@binding.answered_by
def worsened(before: PlanVersion, after: PlanVersion) -> list[str]:
    """Name, both values and unit of each that lies further on the wrong side, to the two decimals targets are issued in."""
    old, new = runs.newest(before), runs.newest(after)
    if old is None or new is None:
        return []
    known = {figure.code: figure for figure in plain_words.figures(old)}
    return [words(known[figure.code], figure) for figure in figures(new) if is_worse(known.get(figure.code), figure)]


def figures(run: Run) -> list[plain_words.Figure]:
    """Those of a run that bind and have a direction."""
    return [figure for figure in plain_words.figures(run) if figure.binding and figure.better]


def is_worse(was: plain_words.Figure | None, now: plain_words.Figure) -> bool:
    if was is None or was.value is None or now.value is None:
        return False
    kind = "at_least" if now.better == "more" else "at_most"
    return lights.Bound(kind, was.value, "rule").room(now.value) < 0


def words(was: plain_words.Figure, now: plain_words.Figure) -> str:
    return f"{now.name} {was.value:,.2f} → {now.value:,.2f} {now.unit}"
