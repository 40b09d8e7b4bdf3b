"""What the rules look at: one plan file, matched with its profile, and the village it is for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from planning.schema import Matched, Profile
from portal.geo import quality
from portal.geo.issues import Issue
from villages.models import ControlLine, Village


@dataclass
class Case:
    """One judgement (一次质检). Arrays and lists run parallel to the rows of the zone layer, in file order.

    `codes` are classes of the 2023 edition, None where the file has none; `geoms` lon/lat polygons or None;
    `file_area` m² as the file states it.
    """

    village: Village
    profile: Profile
    layers: list[Any]
    matched: list[Matched]
    codes: list[str | None] = field(default_factory=list)
    geoms: np.ndarray = field(default_factory=lambda: np.empty(0, object))
    file_area: list[float | None] = field(default_factory=list)
    known_codes: frozenset[str] = frozenset()
    progress: Callable[[float], None] = lambda share: None
    begun: float = 0.0
    """share of the rules done before the one that runs"""
    found_before: list[Issue] = field(default_factory=list)
    """issues met while the file was mapped; each belongs to the rule of its code"""
    decided: frozenset[int] = frozenset()
    """rows of zones whose class a person decided"""

    @property
    def zones(self) -> Matched | None:
        return next(self.of_role("zones"), None)

    def of_role(self, role: str) -> Any:
        return (m for m in self.matched if m.spec.role == role)

    @cached_property
    def rules(self) -> dict[str, dict[str, Any]]:
        """Levels, tolerances and limits: the profile's own over the defaults of the portal."""
        return quality.merged(self.profile.rules)

    @cached_property
    def outline(self) -> shapely.Geometry:
        return shapely.from_wkb(bytes(self.village.geom.wkb))

    @cached_property
    def checks(self) -> quality.Checks:
        """The measures of single geometries and of the tiling; what several rules stand on is found once."""
        return quality.Checks(
            self.zones.layer.name if self.zones else "", self.geoms, outline=self.outline, rules=self.profile.rules,
            progress=lambda share: self.progress(self.begun),
        )  # fmt: skip

    @property
    def sound(self) -> np.ndarray:
        """Which zones have a valid polygon."""
        return self.checks.sound

    @property
    def area(self) -> np.ndarray:
        """Ellipsoidal area in m² (椭球面积); 0 for what is no valid polygon."""
        return self.checks.area

    @cached_property
    def lines(self) -> dict[str, np.ndarray]:
        """Issued control lines of the village in force today: kind -> polygons, lon/lat."""
        found: dict[str, list[bytes]] = {}
        for line in ControlLine.objects.valid_on().filter(village=self.village):
            found.setdefault(line.kind, []).append(bytes(line.geom.wkb))
        return {kind: shapely.from_wkb(np.array(wkb, object)) for kind, wkb in found.items()}

    @cached_property
    def ground_issues(self) -> list[Issue]:
        """What is wrong with single geometries and with the tiling (G1, G5, G6, G7), and F3 where that cannot be told."""
        return [*self.checks.geometry(), *self.checks.tiling()]
