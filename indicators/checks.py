"""The conflict checks (冲突检查) the portal makes: one function in compute/conflicts/, one line here, one test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators.compute.conflicts import boundaries, farmland, red_line
from indicators.compute.frames import CheckResult, Frames
from indicators.compute.standard import Standard


@dataclass(frozen=True)
class Check:
    """A check: how severe a conflict is, the law it rests on, and what to do about it.

    The severity is that of the rule. How a finding is handled also depends on its category: legacy and technical ones
    are for an official to judge. `inputs` are the layers and facts the function looks at. `drawn` says whether it can judge
    a single polygon while it is drawn, or needs the whole plan.
    """

    code: str
    name: Promise
    severity: Literal["block", "warn"]
    law: str
    action: Promise
    function: Callable[[Frames, Standard], CheckResult]
    inputs: tuple[str, ...] = ("plan", "base", "lines")
    drawn: bool = True


def _listed(*checks: Check) -> dict[str, Check]:
    return {check.code: check for check in checks}


CHECKS = _listed(
    Check(
        "K1",
        _("Construction on permanent basic farmland"),
        "block",
        "土地管理法第三十三条至第三十五条",
        _("Move the zone off the farmland or give it back to cultivation; only state-level major projects may ask."),
        farmland.construction_on_farmland,
    ),
    Check(
        "K3",
        _("Construction inside the ecological red line"),
        "block",
        "自然资发〔2022〕142号",
        _("Move the zone out, or have the province confirm it as one of the limited activities allowed there."),
        red_line.construction_in_red_line,
    ),
    Check(
        "K4",
        _("New construction outside the construction boundary"),
        "block",
        "土地管理法第四条；自然资办发〔2019〕35号",
        _("Move the new construction inside the village construction boundary, or have the boundary adjusted."),
        boundaries.new_construction_outside_boundary,
    ),
)
