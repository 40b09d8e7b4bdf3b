from villages.models.divisions import Division
from villages.models.features import ControlLine, Facility, Parcel, Road
from villages.models.households import Household
from villages.models.tables import TableImport
from villages.models.villages import Fact, Village, VillageType

__all__ = [
    "ControlLine", "Division", "Facility", "Fact", "Household", "Parcel", "Road", "TableImport", "Village", "VillageType",
]  # fmt: skip
