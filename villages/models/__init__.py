from villages.models.divisions import Division
from villages.models.features import ControlLine, Corridor, Facility, Parcel, Road
from villages.models.households import Hamlet, Household, HouseholdCode, HouseholdMember
from villages.models.tables import TableImport
from villages.models.villages import Fact, Terrain, Village, VillageType

__all__ = [
    "ControlLine", "Corridor", "Division", "Facility", "Fact", "Hamlet", "Household", "HouseholdCode",
    "HouseholdMember", "Parcel", "Road", "TableImport", "Terrain", "Village", "VillageType",
]  # fmt: skip
