from villages.models.divisions import Division
from villages.models.features import ControlLine, Corridor, Facility, Parcel, Road
from villages.models.households import Household
from villages.models.tables import TableImport
from villages.models.villages import Fact, Terrain, Village, VillageType

__all__ = [
    "ControlLine", "Corridor", "Division", "Facility", "Fact", "Household", "Parcel", "Road", "TableImport", "Terrain", "Village", "VillageType",
]  # fmt: skip
