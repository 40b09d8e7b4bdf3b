"""Traffic lights: whether a value keeps what was issued to the village and what the rules allow. One function for all.

Page, interface, workbook and review ask here and nowhere else. Nothing in this module knows Django or the database.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

PLACES = 2
"""Targets are issued and tables printed to two decimals, so that is how they are compared."""

Light = Literal["kept", "near", "missed", "none"]
ORDER: tuple[Light, ...] = ("missed", "near", "kept", "none")
"""Worst first."""


@dataclass(frozen=True)
class Bound:
    """Something a value must keep: at least or at most `value`. `origin` is target (issued) or rule (profile)."""

    kind: Literal["at_least", "at_most"]
    value: float
    origin: Literal["target", "rule"]
    binding: bool = True

    @property
    def sign(self) -> str:
        return "≥" if self.kind == "at_least" else "≤"

    def room(self, value: float) -> float:
        """How far the value is inside the bound, both to two decimals; negative: how far outside."""
        inside = round(value, PLACES) - round(self.value, PLACES)
        return round(inside if self.kind == "at_least" else -inside, PLACES) + 0.0

    def share(self, value: float) -> float | None:
        """Which part of the bound is reached, 1 where it is just kept and more beyond: value / bound, or its inverse."""
        over, under = (value, self.value) if self.kind == "at_least" else (self.value, value)
        if under == 0:
            return 1.0 if over >= 0 else None
        return over / under if under > 0 else None


def bounds(
    target: float | None, rule: Mapping[str, Any] | None, better: str | None, *, binding: bool = True
) -> list[Bound]:
    """What a value is held to: the issued target in its direction (more: at least, less: at most), and the rule's limits.

    A target that was issued goes before the rule's limit on the same side.

    >>> [(b.sign, b.value) for b in bounds(35.0, {"at_least": 30, "at_most": 40}, "more")]
    [('≥', 35.0), ('≤', 40.0)]
    """
    rule = rule or {}
    found = []
    if target is not None and better is not None:
        found.append(Bound("at_least" if better == "more" else "at_most", float(target), "target", binding))
    for kind in ("at_least", "at_most"):
        limit = rule.get(kind)
        if _is_number(limit) and kind not in {bound.kind for bound in found}:
            found.append(Bound(kind, float(limit), "rule", rule.get("binding") in (True, "binding")))
    return found


def light(value: float | None, held_to: Iterable[Bound], near: float = 0.0) -> Light:
    """The worst light of all bounds; none without a value or without a bound.

    Amber within the share `near` of a bound (from the profile): a limit that is kept with little room left, and a floor or
    limit that is only expected and missed by little. A binding bound that is missed is red, however little is lacking; a
    floor that is kept is green, because plans keep exactly what was issued.

    >>> light(34.9, bounds(35.0, None, "more"), near=0.02)
    'missed'
    >>> light(34.9, bounds(35.0, None, "more", binding=False), near=0.02)
    'near'
    >>> light(34.9, bounds(35.0, None, "less"), near=0.02)
    'near'
    """
    lights = [] if value is None else [_one(value, bound, near) for bound in held_to]
    return min(lights, key=ORDER.index, default="none")


def _one(value: float, bound: Bound, near: float) -> Light:
    room, little = bound.room(value), near * abs(bound.value)
    if room < 0:
        return "missed" if bound.binding or -room > little else "near"
    return "near" if bound.kind == "at_most" and little > 0 and room <= little else "kept"


def met(value: float | None, held_to: Iterable[Bound]) -> bool | None:
    """Whether every bound is kept; None without a value or without a bound."""
    held = list(held_to)
    return None if value is None or not held else all(bound.room(value) >= 0 for bound in held)


def near_of(rule: Mapping[str, Any] | None) -> float:
    """The share within which a value is near its bound; 0 where the profile says none."""
    near = (rule or {}).get("near", 0)
    return float(near) if _is_number(near) and 0 < near < 1 else 0.0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
