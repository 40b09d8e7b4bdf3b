"""Rules of geometry and tiling (图形规则), measured by portal.geo.quality."""

from collections.abc import Iterable

from planning.quality.case import Case
from planning.quality.registry import rule
from portal.geo.issues import Issue

for _code in ("G1", "G5", "G6", "G7", "G8", "F3", "A1"):

    @rule(_code)
    def _measured(case: Case, code: str = _code) -> Iterable[Issue]:
        return [i for i in case.geometry_issues if i.code == code]
