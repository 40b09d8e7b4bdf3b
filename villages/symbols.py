"""Signs of facilities (公共服务设施符号) as outlines on a square of 16 units: the map in the browser and the legend draw the same ones."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PATHS = {
    "office": "M8 1l7 5v2H1V6zM2 9h2.5v4H2zM6.8 9h2.4v4H6.8zM11.5 9H14v4h-2.5zM1 14h14v1.5H1z",
    "culture": "M1 3c2.5-.8 5-.6 6.5.6V14C6 13 3.5 12.8 1 13.4zM15 3c-2.5-.8-5-.6-6.5.6V14c1.5-1 4-1.2 6.5-.6z",
    "sport": "M1 6.5h1.5V4h2.5v2.5h6V4h2.5v2.5H15v3h-1.5V12H11V9.5H5V12H2.5V9.5H1z",
    "school": "M8 2L.5 6 8 10l5-2.7v4h1.5V6.5L15.5 6zM3.5 9v3.2c1.8 1.8 7.2 1.8 9 0V9L8 11.5z",
    "elder": "M6 1a2 2 0 1 1 0 4a2 2 0 0 1 0-4zM4 6h3.5l2 3.5-1.2.8L7.5 9v6.5H6v-4H5v4H3.5V7zM11 9h1.5v6.5H11z",
    "clinic": "M6 1.5h4V6h4.5v4H10v4.5H6V10H1.5V6H6z",
    "shop": "M2.5 1.5h11L15.5 7H.5zM2 8.5h12v6H9.5v-4h-3v4H2z",
    "post": "M1 3h14v.8L8 8.5 1 3.8zM1 6l7 4.7L15 6v7H1z",
    "toilet": "M4 1a1.5 1.5 0 1 1 0 3a1.5 1.5 0 0 1 0-3zM2 5h4v5H5.2v5.5H2.8V10H2zM12 1a1.5 1.5 0 1 1 0 3a1.5 1.5 0 0 1 0-3zM11 5h2l2 6h-1.8v4.5h-2.4V11H9z",
    "water": "M8 .8C10.5 4.5 13 7.3 13 10.2a5 5 0 0 1-10 0C3 7.3 5.5 4.5 8 .8z",
    "bus": "M3 1h10l1.5 2.5V12H13v2.5h-2.5V12h-5v2.5H3V12H1.5V3.5zM3.5 4v4h9V4zM3.5 9.5V11H5V9.5zM11 9.5V11h1.5V9.5z",
    "parking": "M4 1.5h5a4.2 4.2 0 0 1 0 8.5H6.8v4.5H4zM6.8 4v3.5H9A1.7 1.7 0 0 0 9 4z",
    "waste": "M6 1h4v1.5h4V5H2V2.5h4zM3 6h10l-1 9H4z",
    "sewage": "M1 1.5h8.5V5H13v3.5H9.5V6H1zM1 11c2-2 3 1.5 5 0s3 1.5 5 0 3 1 4-.5v3c-1 1.5-2-1-4 .5s-3-1.5-5 0-3-1.5-5 0z",
    "shelter": "M8 1L.5 7.5h2V15h11V7.5h2zM7 7h2v2h2v2H9v2H7v-2H5V9h2z",
    "power": "M9.5.5L2.5 9H7l-1 6.5L13.5 6.5H9z",
    "heritage": "M8 1c1.5 2 4.5 3 7.5 3v2H.5V4C3.5 4 6.5 3 8 1zM2.5 7.5h2V13h-2zM7 7.5h2V13H7zM11.5 7.5h2V13h-2zM1 14h14v1.5H1z",
    "tree": "M8 .8a4.5 4.5 0 0 1 4.3 5.9A3 3 0 0 1 11 12H9v3.5H7V12H5a3 3 0 0 1-1.3-5.3A4.5 4.5 0 0 1 8 .8z",
    "road": "M5 1h2.2v3h1.6V1H11l3.5 14H9.3v-4H6.7v4H1.5zM7.2 6v3h1.6V6z",
    "house": "M8 1.5L.8 8h2v6.5h3.7v-4h3v4h3.7V8h2z",
    "works": "M1 15V8l4-3v3l4-3v3l2.5-2V1H15v14z",
    "land": "M1 2.5h14v2.5H1zM1 6.8h14v2.5H1zM1 11h14v2.5H1z",
    "other": "M8 3.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9z",
}  # fmt: skip
"""SVG path data, filled by the even-odd rule"""

FACILITIES = {
    "01": "office", "02": "office", "03": "culture", "04": "culture", "05": "sport", "06": "sport", "07": "school",
    "08": "school", "09": "school", "10": "elder", "11": "clinic", "12": "shop", "13": "post", "14": "toilet",
    "15": "water", "16": "bus", "17": "parking", "18": "waste", "19": "waste", "20": "sewage", "21": "shelter",
    "22": "power", "23": "heritage", "24": "heritage", "25": "heritage", "26": "tree", "27": "water", "28": "heritage",
}  # fmt: skip
"""sign by facility type (villages.tables.facilities.FACILITY_KINDS); types without one have the sign `other`"""

NAMES: dict[str, Promise] = {
    "01": _("Village committee"), "02": _("Service centre"), "03": _("Culture centre"), "04": _("Place of culture"),
    "05": _("Fitness ground"), "06": _("Sports ground"), "07": _("Middle school"), "08": _("Primary school"),
    "09": _("Kindergarten"), "10": _("Home for the elderly"), "11": _("Clinic"), "12": _("Market"), "13": _("Post station"),
    "14": _("Public toilet"), "15": _("Water supply"), "16": _("Bus stop"), "17": _("Car park"),
    "18": _("Waste transfer station"), "19": _("Waste collection point"), "20": _("Sewage treatment"),
    "21": _("Emergency shelter"), "22": _("Power supply"), "23": _("Historic lane"), "24": _("Historic house"),
    "25": _("Temple or ancestral hall"), "26": _("Ancient tree"), "27": _("Ancient well"), "28": _("Ancient bridge"),
    "99": _("Other facility"),
}  # fmt: skip
"""facility types in the reader's language"""

PROJECTS = (
    ("道路", "road"), ("交通", "road"), ("停车", "parking"), ("住房", "house"), ("宅基地", "house"), ("民居", "house"),
    ("卫生", "clinic"), ("医", "clinic"), ("养老", "elder"), ("照料", "elder"), ("学", "school"), ("教育", "school"),
    ("公厕", "toilet"), ("厕", "toilet"), ("污水", "sewage"), ("排水", "sewage"), ("供水", "water"), ("水利", "water"),
    ("垃圾", "waste"), ("环卫", "waste"), ("电", "power"), ("能源", "power"), ("安全", "shelter"), ("防灾", "shelter"),
    ("地质灾害", "shelter"), ("历史", "heritage"), ("文物", "heritage"), ("古", "heritage"), ("文化", "culture"),
    ("体育", "sport"), ("生态", "tree"), ("造林", "tree"), ("绿", "tree"), ("整治", "land"), ("复垦", "land"),
    ("农田", "land"), ("商", "shop"), ("产业", "works"), ("工业", "works"), ("公共服务", "office"),
)  # fmt: skip
"""words of a project's kind (近期建设项目类型, free text) and their sign: the first that is found counts"""

OTHER = "other"


def of_facility(kind: str) -> str:
    return FACILITIES.get(kind, OTHER)


def of_project(kind: str) -> str:
    return next((sign for word, sign in PROJECTS if word in kind), OTHER)


def name_of_facility(kind: str) -> str:
    return str(NAMES.get(kind, NAMES["99"]))
