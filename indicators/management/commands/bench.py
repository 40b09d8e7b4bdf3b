"""manage.py bench [NAME] [--json]: what the portal's hot paths cost, each measured against a floor in the same run."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from indicators import (
    bench,
    bench_audit,
    bench_county,
    bench_county_run,
    bench_drawing,
    bench_import,
    bench_pages,
    bench_participation,
    bench_tile_peers,
    bench_tiles,
    bench_topology,
)
from indicators.bench import Row
from indicators.bench_county import County
from planning import generalised
from villages.models import Village

Measure = Callable[[County, Village], Iterable[Row]]


def overlay(county: County, village: Village) -> Iterable[Row]:
    smaller = bench_county.make(county.parcels // 10, county.generator)
    return bench.overlay(county.county, county.county, smaller.county)


def tile_cached(county: County, village: Village) -> list[Row]:
    return bench_tiles.cached(bench_county.version(county, village))


def tile_cold(county: County, village: Village) -> list[Row]:
    return bench_tiles.cold(bench_county.version(county, village))


def tiles(county: County, village: Village) -> Iterable[Row]:
    """Everything about tiles, the other servers too."""
    version = bench_county.version(county, village)
    yield from bench_tiles.cached(version)
    yield from bench_tiles.cold(version)
    yield from bench_tiles.draft(version)
    generalised.run(version)
    yield from bench_tiles.sizes(version)
    yield from bench_tile_peers.peers(version)


def topology(county: County, village: Village) -> list[Row]:
    return bench_topology.topology(bench_county.make(bench_topology.PARCELS))


MEASURES: dict[str, Measure] = {
    "import": bench_import.whole,
    "tile-cached": tile_cached,
    "tile-cold": tile_cold,
    "tiles": tiles,
    "overlay": overlay,
    "topology": topology,
    "edit-one-zone": bench_county_run.edit_one_zone,
    "drawing": bench_drawing.drawing,
    "audit": bench_audit.audit,
    "pages": bench_pages.pages,  # late, because it loads the demo county
    "participation": bench_participation.participation,
}


class Command(BaseCommand):
    help = "Measure the hot paths on the benchmark county, in a database of its own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", choices=list(MEASURES), help="one measure; all if left out")
        parser.add_argument("--json", action="store_true", help="one JSON line per measure")
        parser.add_argument("--parcels", type=int, default=50_000)
        parser.add_argument("--generator", type=Path, default=bench_county.GENERATOR)

    def handle(self, *args: object, **options: object) -> None:
        names = [options["name"]] if options["name"] else [name for name in MEASURES if not name.startswith("tile-")]
        try:
            county = bench_county.make(options["parcels"], options["generator"])
        except FileNotFoundError as error:
            raise CommandError(str(error)) from None
        if not options["json"]:
            self.stdout.write(f"{'name':40} {'ours':>10} {'against':34} {'theirs':>10} {'ratio':>6} {'goal':>5}")
        with bench_county.database(county) as village:
            for name in names:
                for row in MEASURES[name](county, village):
                    self.stdout.write(json.dumps(row._asdict()) if options["json"] else line(row))
                    self.stdout.flush()


def line(row: Row) -> str:
    verdict = "met" if row.ratio <= row.goal else "missed: above the goal"
    ours, theirs = (shown(figure, row.unit) for figure in (row.ours, row.theirs))
    figures = f"{ours:>10} {row.peer:34} {theirs:>10} {row.ratio:6.2f} {row.goal:5.2f}"
    return f"{row.name:40} {figures}  {verdict}"


def shown(seconds: float, unit: str = "s") -> str:
    if unit != "s":
        return f"{seconds:.0f} {unit}"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.2f} ms"
