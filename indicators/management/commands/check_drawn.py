"""check_drawn VILLAGE --code 0703 --geojson FILE [--version ID] [--json]: one polygon against everything that applies."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators.drawn import check_drawn
from planning.models import PlanVersion
from portal.errors import PortalError
from villages.models import Village


class Command(BaseCommand):
    help = "Check one polygon the way the map does while it is drawn; nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("village", help="12-digit code")
        parser.add_argument("--code", required=True, help="planned land-use class, such as 0703")
        parser.add_argument(
            "--geojson", type=Path, required=True, help="a Polygon, or a Feature with one; lon/lat of EPSG:4490"
        )
        parser.add_argument("--plan-version", default="", help="id of a version whose zones it is compared with")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        village = Village.objects.defer("geom", "geom_web").filter(pk=options["village"]).first()
        if village is None:
            raise CommandError(f"There is no village {options['village']}.")
        try:
            geometry = geometry_in(options["geojson"])
            version = version_of(village, options["plan_version"])
            answer = check_drawn(village, geometry, options["code"], version=version)
        except PortalError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if options["json"] else said(answer))


def geometry_in(path: Path) -> Any:
    """The geometry of the file: itself, that of a Feature, or of a collection with one Feature."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CommandError(f"{path} is no GeoJSON file: {error}") from error
    for _level in range(2):
        if isinstance(data, dict) and isinstance(data.get("features"), list) and len(data["features"]) == 1:
            data = data["features"][0]
        elif isinstance(data, dict) and data.get("type") == "Feature":
            data = data.get("geometry")
    return data


def version_of(village: Village, pk: str) -> PlanVersion | None:
    if not pk:
        return None
    version = PlanVersion.objects.filter(pk=pk, plan__village=village).first()
    if version is None:
        raise CommandError(f"The village has no plan version {pk}.")
    return version


def said(answer: dict[str, Any]) -> str:
    lines = [
        f"{answer['code']} {answer['name']}: {answer['area_m2']:.2f} m², {answer['area_ha']:.4f} ha, {answer['area_mu']:.3f} 亩"
    ]
    lines += [f"{row['code']:8}{row['name']}: {row['area_m2']:.2f} m² now" for row in answer["now"]]
    lines += [f"outside the village: {answer['outside']['area_m2']:.2f} m²"] if answer["outside"]["area_m2"] else []
    lines += [
        f"zone {row['number']} ({row['code']}): {row['area_m2']:.2f} m², {row['share']:.1%}" for row in answer["zones"]
    ]
    lines += [f"{row['code']:4}{row['severity']:6}{row['category']:10}{row['sentence']}" for row in answer["conflicts"]]
    lines += [f"{row['code']:4}not checked: {row['why']}" for row in answer["not_checked"]]
    return "\n".join(lines)
