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
    """What a value is held to: the issued target in its direction (more: at least, less: at most), then the rule's limits.

    >>> [b.sign for b in bounds(35.0, {"at_most": 40}, "more")]
    ['≥', '≤']
    """
    rule = rule or {}
    found = []
    if target is not None and better is not None:
        found.append(Bound("at_least" if better == "more" else "at_most", float(target), "target", binding))
    for kind in ("at_least", "at_most"):
        limit = rule.get(kind)
        if isinstance(limit, int | float) and math.isfinite(limit):
            found.append(Bound(kind, float(limit), "rule", bool(rule.get("binding", False))))
    return found


def light(value: float | None, held_to: Iterable[Bound], near: float = 0.0) -> Light:
    """The worst light of all bounds; none without a value or without a bound.

    `near` is a share of the bound, from the profile: within it a kept bound has little room left (amber), and one that is
    only expected is missed by little (amber too). A binding bound that is missed is always red.

    >>> light(34.9, bounds(35.0, None, "more"))
    'missed'
    >>> light(35.2, bounds(35.0, None, "more"), near=0.02)
    'near'
    >>> light(34.9, bounds(35.0, None, "more", binding=False), near=0.02)
    'near'
    """
    lights = [] if value is None else [_one(value, bound, near) for bound in held_to]
    return min(lights, key=ORDER.index, default="none")


def _one(value: float, bound: Bound, near: float) -> Light:
    room, little = bound.room(value), near * abs(bound.value)
    if room < 0 and (bound.binding or -room > little):
        return "missed"
    return "near" if near > 0 and abs(room) <= little else "kept"


def met(value: float | None, held_to: Iterable[Bound]) -> bool | None:
    """Whether every bound is kept; None without a value or without a bound."""
    held = list(held_to)
    return None if value is None or not held else all(bound.room(value) >= 0 for bound in held)


def near_of(rule: Mapping[str, Any] | None) -> float:
    """The share within which a value is near its bound; 0 where the profile says none."""
    near = (rule or {}).get("near", 0)
    return float(near) if isinstance(near, int | float) and 0 < near < 1 else 0.0
