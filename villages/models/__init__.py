from villages.models.divisions import Division
from villages.models.features import ControlLine, Facility, Parcel
from villages.models.villages import Fact, Village, VillageType

__all__ = ["ControlLine", "Division", "Facility", "Fact", "Parcel", "Village", "VillageType"]
