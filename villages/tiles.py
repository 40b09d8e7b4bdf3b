"""Tilesets of facts: the base data of a village, and the outlines of all villages of a division."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.db.models import Count, Q, Sum
from django.utils import timezone

from portal.geo.tiles import Layer, Source, Tileset
from portal.models import User
from portal.models.accounts import division_prefix
from villages.models import ControlLine, Division, Village
from villages.rules import may_see_base_data

# The colours belong to planning, which stands above this app; a tile takes them by the name of their table.
PARCEL_TABLE = """villages_parcel t
    LEFT JOIN planning_landuseclass c ON c.code = t.code AND c.code_version = '2023'"""
VALID = "coalesce(t.valid_from <= %(today)s, true) AND coalesce(t.valid_to >= %(today)s, true)"

BASE_LAYERS = (
    Layer(
        "parcels",
        PARCEL_TABLE,
        {"number": "t.number", "code": "t.code", "colour": "c.colour"},
        "t.village_id = %(village)s",
    ),
    Layer(
        "control_lines",
        "villages_controlline t",
        {"number": "t.number", "kind": "t.kind"},
        f"t.village_id = %(village)s AND {VALID}",
    ),
    Layer("outline", "villages_village t", {"code": "t.division_id"}, "t.division_id = %(village)s"),
    Layer(
        "facilities",
        "villages_facility t",
        {"kind": "t.kind", "name": "t.name"},
        "t.village_id = %(village)s",
        web="ST_Transform(t.geom, 3857)",
    ),
)
OVERVIEW_LAYERS = (
    Layer(
        "villages",
        "villages_village t",
        {"code": "t.division_id", "name": "t.short_name", "type": "t.type"},
        "t.division_id LIKE %(under)s",
    ),
)
OVERVIEW_MAX_ZOOM = 14  # outlines need no more; the map stretches these when it goes deeper


def base_key(village: Village) -> str:
    """Changes with every change of the base data, and on the day a control line begins or ends to be valid."""
    today = timezone.localdate()
    lines = ControlLine.objects.filter(village=village)
    passed = lines.aggregate(
        begun=Count("pk", filter=Q(valid_from__lte=today)), ended=Count("pk", filter=Q(valid_to__lt=today))
    )
    return f"b{village.code}-{village.revision}-{passed['begun'] + passed['ended']}"


def find_base(key: str, user: Callable[[], User]) -> Source | None:
    code = key[1:13]
    if not settings.DEMO and not may_see_base_data(user(), code):
        return None
    village = Village.objects.filter(pk=code).first()
    if village is None or base_key(village) != key:
        return None
    return Source({"village": code, "today": timezone.localdate()}, is_public=settings.DEMO)


def overview_key(division: Division) -> str:
    """Number of villages and sum of their revisions: changes whenever one of them does."""
    prefix = division_prefix(division.code)
    seen = Village.objects.under(prefix).aggregate(n=Count("pk"), revisions=Sum("revision", default=0))
    return f"c{prefix}-{seen['n']}-{seen['revisions']}"


def overview_bounds(division: Division) -> tuple[tuple[float, ...] | None, str]:
    """West, south, east, north of the villages of a division (None if it has none), and where they come from."""
    villages = Village.objects.under(division_prefix(division.code))
    sources = villages.order_by("source").values_list("source", flat=True).distinct()
    return villages.aggregate(bounds=Extent("geom"))["bounds"], "；".join(sources[:3])


def find_overview(key: str, user: Callable[[], User]) -> Source | None:
    prefix = key[1:].split("-")[0]
    division = Division.objects.filter(pk=prefix.ljust(12, "0")).first()
    if division is None or overview_key(division) != key:
        return None
    return Source({"under": f"{prefix}%"}, is_public=True)


BASE = Tileset(BASE_LAYERS, find_base, public_now=lambda: settings.DEMO)
OVERVIEW = Tileset(OVERVIEW_LAYERS, find_overview, max_zoom=OVERVIEW_MAX_ZOOM)
