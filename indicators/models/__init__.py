from indicators.models.runs import IndicatorValue, Run, StructureRow, Target

__all__ = ["IndicatorValue", "Run", "StructureRow", "Target"]
