from indicators.models.profiles import JudgementProfile
from indicators.models.runs import ChangeRow, IndicatorValue, LayerDigest, Run, StoredResult, StructureRow, Target
from indicators.models.sweeps import Sweep, SweepPart
from indicators.models.whatifs import WhatIf

__all__ = [
    "ChangeRow", "IndicatorValue", "JudgementProfile", "LayerDigest", "Run", "StoredResult", "StructureRow", "Sweep", "SweepPart",
    "Target", "WhatIf",
]  # fmt: skip
