"""Drawings of the indicator pages as places in an SVG: bars, radar, Sankey. Pure arithmetic; templates put the words.

They are drawn by the server and not by a script: they print, they work on any phone without scripts, weigh a few kB
instead of a library's hundreds, and beside each stands the table that says the same.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 320.0
"""Units across a bar and a Sankey; they are drawn as wide as the page allows."""

FULL = 1.25
"""Radar: beyond a quarter more than the target nothing further is shown."""

NOISE_M2 = 0.5
"""Sankey: what moves less is rounding of lines."""

GAP, LEAST, NODE = 20.0, 1.5, 10
"""Sankey: between nodes, so that their labels find room; the thinnest ribbon; the width of a node."""


def bars(value: float | None, base: float | None, bounds: Sequence[float]) -> dict[str, Any] | None:
    """Lengths of the bars of one indicator on a scale of its own, from 0 to a little beyond the largest; None if it has no
    value or one below zero, which a bar from zero cannot show."""
    shown = [v for v in (value, base, *bounds) if v is not None]
    if value is None or min(shown) < 0 or max(shown) == 0:
        return None
    unit = WIDTH / (max(shown) * 1.08)
    return {
        "width": WIDTH,
        "value": _at(value * unit),
        "base": None if base is None else _at(base * unit),
        "bounds": [_at(bound * unit) for bound in bounds],
    }


def radar(shares: Sequence[float | None], size: float = 320.0) -> dict[str, Any] | None:
    """Places of a radar: one axis per share of a target that is reached, 1 on the inner ring; None below three axes."""
    known = [min(max(share, 0.0), FULL) if share is not None else 0.0 for share in shares]
    if len(known) < 3:
        return None
    middle, reach = size / 2, size / 2 - 26

    def place(turn: int, share: float) -> dict[str, float]:
        angle = 2 * math.pi * turn / len(known) - math.pi / 2
        away = reach * share / FULL
        return {"x": _at(middle + away * math.cos(angle)), "y": _at(middle + away * math.sin(angle))}

    def outline(reached: Sequence[float]) -> str:
        return " ".join("{x},{y}".format(**place(turn, share)) for turn, share in enumerate(reached))

    return {
        "size": size,
        "middle": _at(middle),
        "rings": [outline([share] * len(known)) for share in (0.25, 0.5, 0.75)],
        "target": outline([1.0] * len(known)),
        "shape": outline(known),
        "dots": [place(turn, share) for turn, share in enumerate(known)],
        "axes": [place(turn, FULL) for turn in range(len(known))],
        "labels": [place(turn, FULL * 1.1) for turn in range(len(known))],
    }


def sankey(
    cells: Sequence[Mapping[str, Any]], order: Sequence[str], *, height: float | None = None
) -> dict[str, Any] | None:
    """Places of a Sankey of what moves from one group (`base`) to another (`plan`): nodes on both sides, ribbons between.

    Land that stays in its group is not drawn: it is nine tenths of a village, and what changes would be a hair beside it.
    None if nothing moves. A ribbon is at least LEAST high, so that the smallest is still seen.
    """
    moving = [c for c in cells if c["base"] != c["plan"] and c["area_m2"] > NOISE_M2]
    if not moving:
        return None
    place = {name: n for n, name in enumerate(order)}
    moving.sort(key=lambda c: (place.get(c["base"], 99), place.get(c["plan"], 99)))
    total = sum(c["area_m2"] for c in moving)
    unit = (height or min(50.0 + 30 * len(moving), 200.0)) / total
    thick = [max(c["area_m2"] * unit, LEAST) for c in moving]
    sides = {}
    for side in ("base", "plan"):
        names = sorted({c[side] for c in moving}, key=lambda name: place.get(name, 99))
        top, nodes = 0.0, {}
        for name in names:
            tall = sum(t for c, t in zip(moving, thick, strict=True) if c[side] == name)
            area = sum(c["area_m2"] for c in moving if c[side] == name)
            nodes[name] = {
                "name": name,
                "y": _at(top),
                "height": _at(tall),
                "mid": _at(top + tall / 2),
                "area_m2": area,
                "at": top,
            }
            top += tall + GAP
        sides[side] = nodes
    whole = max(_foot(nodes) for nodes in sides.values())
    x0, x1 = NODE, WIDTH - NODE
    ribbons = []
    for c, t in zip(moving, thick, strict=True):
        a, b = sides["base"][c["base"]], sides["plan"][c["plan"]]
        ribbons.append({**c, "path": _ribbon(x0, a["at"], x1, b["at"], t)})
        a["at"] += t
        b["at"] += t
    return {
        "width": WIDTH, "height": _at(whole), "tall": _at(whole + 20), "x0": 0, "x1": _at(x1), "node": NODE, "total_m2": total,
        "base": list(sides["base"].values()), "plan": list(sides["plan"].values()), "ribbons": ribbons,
    }  # fmt: skip


def _foot(nodes: Mapping[str, Mapping[str, Any]]) -> float:
    return max(node["y"] + node["height"] for node in nodes.values())


def _ribbon(x0: float, y0: float, x1: float, y1: float, thick: float) -> str:
    mid = (x0 + x1) / 2
    a, b, c, d = _at(y0), _at(y1), _at(y1 + thick), _at(y0 + thick)
    return (
        f"M{_at(x0)} {a}C{_at(mid)} {a} {_at(mid)} {b} {_at(x1)} {b}V{c}C{_at(mid)} {c} {_at(mid)} {d} {_at(x0)} {d}Z"
    )


def _at(x: float) -> float:
    return round(x, 2)
