"""What made a number: the shapes that an indicator counted, for its own map.

A frame of members has one row per shape: layer (plan, base, lines, facilities, roads, …), number in that layer, code
(class or kind), area_m2 counted (None for points and lines), geom in lon/lat, and note (a key, empty as a rule).
"""

from collections.abc import Callable

import pandas as pd

from indicators.compute.frames import Frames, shapes
from indicators.compute.standard import Standard

MEMBERS = ["layer", "number", "code", "area_m2", "geom", "note"]


def of_sets(*names: str) -> Callable[[Frames, Standard], pd.DataFrame]:
    """Members of an indicator that sums classes: every planned zone of these sets with its whole area."""

    def members(frames: Frames, standard: Standard) -> pd.DataFrame:
        plan = frames.plan
        counted = pd.Series(False, index=plan.index)
        for name in names:
            counted |= standard[name].mask(plan["code"])
        rows = plan[counted]
        return pd.DataFrame(
            {
                "layer": "plan",
                "number": rows["number"].to_numpy(),
                "code": rows["code"].to_numpy(),
                "area_m2": rows["area_m2"].to_numpy(float),
                "geom": shapes(rows),
                "note": "",
            },
            columns=MEMBERS,
        )

    return members
