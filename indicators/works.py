"""What there is to compute for a version: structure table, change matrix, and the indicators and checks that apply in its
village. Each is kept on its own (indicators.kept)."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from indicators import kept
from indicators.catalogue import INDICATORS
from indicators.checks import CHECKS
from indicators.compute.frames import Frames
from indicators.compute.standard import Standard
from indicators.compute.structure import change_matrix, structure
from indicators.kept import Work

STRUCTURE, CHANGES = "structure", "changes"


def works(indicators: Mapping[str, Any], checks: Mapping[str, Any]) -> list[Work]:
    """All works for a village; `indicators` and `checks` are the rules of those that apply there."""
    return [*tables(), *(measure(code) for code in indicators), *(check(code) for code in checks)]


def tables() -> list[Work]:
    both = ("plan", "base")
    table = (kept.pack_table, kept.unpack_table)
    return [
        Work(STRUCTURE, both, structure_of, *table, title=_("Computing the structure table")),
        Work(CHANGES, both, changes_of, *table, title=_("Computing what became what")),
    ]


def structure_of(frames: Frames, standard: Standard) -> pd.DataFrame:
    return structure(frames.base, frames.plan)[["code", "base_m2", "plan_m2"]]


def changes_of(frames: Frames, standard: Standard) -> pd.DataFrame:
    return change_matrix(frames.base, frames.plan)


def measure(code: str) -> Work:
    indicator = INDICATORS[code]
    title = _("Computing: %(name)s") % {"name": indicator.name}
    return Work(f"i{code}", indicator.inputs, indicator.function, kept.pack_measure, kept.unpack_measure, title)


def check(code: str) -> Work:
    found = CHECKS[code]
    title = _("Checking: %(name)s") % {"name": found.name}
    return Work(f"c{code}", found.inputs, found.function, kept.pack_check, kept.unpack_check, title)
