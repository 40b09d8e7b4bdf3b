"""What a page's map of facts is told: which tiles, where, and how control lines look."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.urls import reverse
from django.utils.functional import Promise

from portal import basemaps
from portal.api_tiles import described
from portal.models import User
from villages import symbols, tiles
from villages.models import ControlLine, Division, Village
from villages.rules import may_see_base_data

Kind = ControlLine.Kind
EVERYWHERE = (-180.0, -85.0, 180.0, 85.0)

# Colours people know from published plans: farmland golden, the ecological line green, the urban boundary red, heritage
# purple (紫线). Each has a dash of its own, so that colour is not the only difference.
LINE_STYLES: dict[str, tuple[str, list[int]]] = {
    Kind.YJJBNT: ("#a36a00", []),
    Kind.STBHHX: ("#0b6b2e", [10, 4]),
    Kind.CZKFBJ: ("#c1121f", [14, 4, 3, 4]),
    Kind.CZJSBJ: ("#b0006b", [6, 4]),
    Kind.LSWHBHX: ("#5b2a9d", [3, 4]),
    Kind.ZHFXQ: ("#6b3d12", [2, 3, 8, 3]),
}

# Lines of special plans: drawn when somebody asks for them, because together they would cover the map.
FURTHER_LINE_STYLES: dict[str, tuple[str, list[int]]] = {
    Kind.HLFXKZX: ("#0a5f96", [8, 3, 2, 3]),
    Kind.HHGLFW: ("#0f7a8a", [2, 4]),
    Kind.YSBHQ: ("#005fb8", [12, 3]),
    Kind.GYL: ("#3f7d20", [5, 3, 1, 3]),
    Kind.GBZNT: ("#9a5b00", [8, 6]),
    Kind.GHFQ: ("#4a4a4a", [1, 4]),
    Kind.DLHX: ("#d11f1f", [16, 3]),
}


def line_look(kind: str) -> dict[str, Any]:
    """Name, colour and dash of a kind of control line, and whether it is drawn before anybody asks for it."""
    colour, dash = {**LINE_STYLES, **FURTHER_LINE_STYLES}[Kind(kind)]
    return {"name": str(Kind(kind).label), "colour": colour, "dash": dash, "at_first": kind in LINE_STYLES}


@dataclass(frozen=True)
class LegendLine:
    """A control line of a legend, with the area it covers."""

    kind: str
    name: str | Promise
    colour: str
    dash: list[int]
    area_m2: float

    @property
    def dash_text(self) -> str:
        return " ".join(str(part) for part in self.dash)


def legend_lines(village: Village) -> list[LegendLine]:
    """The kinds of control lines that hold in the village today, with their areas."""
    sums = dict(village.control_lines.valid_on().order_by().values_list("kind").annotate(Sum("area_m2")))
    return [
        LegendLine(kind, Kind(kind).label, colour, dash, sums[kind])
        for kind, (colour, dash) in LINE_STYLES.items()
        if kind in sums
    ]


def described_around(division: Division) -> dict[str, Any]:
    """TileJSON of the village outlines of a division, as the set "overview"."""
    key = tiles.overview_key(division)
    # where it ends and who drew it is a question more, and no page needs the answer
    return {"overview": described(tiles.OVERVIEW, key, name=division.name, bounds=EVERYWHERE, attribution="")}


def base_map(village: Village, user: User, lines: list[LegendLine] | None = None) -> dict[str, Any]:
    """Options of the map of a village (static/js/map/map.js). Whoever may not see the base data sees the outline only."""
    # the villages around, by outline and name: the ground of the map where no base map is set
    urls = {"overview": reverse("api-division-tiles", args=[village.division.parent_id or village.code])}
    sets = described_around(village.division.parent or village.division)
    if may_see_base_data(user, village.code):
        urls["base"] = reverse("api-village-tiles", args=[village.code])
        sets["base"] = described(
            tiles.BASE, tiles.base_key(village), name=village.short_name, bounds=village.geom.extent,
            attribution=village.source,
        )  # fmt: skip
    else:
        lines = []
    return {
        "bounds": [round(x, 6) for x in village.geom.extent],
        "tiles": urls,
        "sets": sets,
        "lines": [{"kind": line.kind, "colour": line.colour, "dash": line.dash} for line in (lines or [])],
        "mode": "now",
        "source": village.source,
        "basemaps": basemaps.for_browser(settings.BASE_MAPS),
        "symbols": {"paths": symbols.PATHS, "facilities": symbols.FACILITIES, "projects": symbols.PROJECTS},
    }


def hamlets_on_map(village: Village) -> list[dict[str, Any]]:
    """Names of hamlets and where they stand, as words on a map (static/js/map/hamlets.js)."""
    return [
        {"name": row.name, "lon": round(row.geom.x, 6), "lat": round(row.geom.y, 6)} for row in village.hamlets.all()
    ]
