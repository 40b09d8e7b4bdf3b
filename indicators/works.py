"""What there is to compute for a version: structure table, change matrix, and the indicators and checks that apply in its
village. Each is kept on its own (indicators.kept)."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from indicators import kept
from indicators.catalogue import INDICATORS
from indicators.checks import CHECKS
from indicators.compute import ledgers
from indicators.compute.frames import Frames
from indicators.compute.standard import Standard
from indicators.compute.structure import change_matrix, structure
from indicators.digests import digest_of
from indicators.kept import Work

STRUCTURE, CHANGES, LEDGERS = "structure", "changes", "ledgers"
FLEX = "27"
"""the indicator whose limit the ledger of the flexible quota is held to"""
Classes = Mapping[str, tuple[str, str]]


def works(indicators: Mapping[str, Any], checks: Mapping[str, Any], classes: Classes) -> list[Work]:
    """All works for a village; `indicators` and `checks` are the rules of those that apply there, `classes` the three-way
    class and the space by function of each land-use class."""
    measures = [measure(code) for code in indicators]
    return [*tables(), balances(classes, indicators.get(FLEX, {})), *measures, *(check(code) for code in checks)]


def tables() -> list[Work]:
    both = ("plan", "base")
    table = (kept.pack_table, kept.unpack_table)
    return [
        Work(STRUCTURE, both, structure_of, *table, title=_("Computing the structure table")),
        Work(CHANGES, both, changes_of, *table, title=_("Computing what became what")),
    ]


def balances(classes: Classes, flex_rule: Mapping[str, Any]) -> Work:
    """The ledgers, which need the change matrix, the groups of classes and the limit of indicator 27."""

    def ledgers_of(changes: pd.DataFrame, frames: Frames, standard: Standard) -> dict[str, Any]:
        return ledgers.of(changes, frames, standard, classes, flex_rule)

    return Work(
        LEDGERS, ("plan", "base", "village.flex_quota_m2"), ledgers_of, dict, dict, _("Computing the ledgers"),
        given=(CHANGES,), made_with=digest_of([classes, flex_rule]),
    )  # fmt: skip


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
