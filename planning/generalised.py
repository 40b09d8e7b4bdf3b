"""Tiles of a version for small scales: made once by a job, when a large draft is stored and when a version is opened to the public.

Zones of a version never change, so their generalised layer is named by its digest and made once. What findings and projects add
is cut when a tile is asked for; of a public version the job asks for all tiles of zoom 8 to 13 itself, so that no visitor waits.
"""

from collections.abc import Iterator

import numpy as np
import shapely
from django.utils.translation import gettext as _

from planning import pictures, tiles
from planning.models import PlanVersion
from portal import jobs
from portal.geo import cutting, generalised, layers, sql
from portal.geo import tiles as store
from portal.models import Job, User

KIND = "planning.prepare_tiles"
FEWEST = 2000
"""zones from which on a ready layer pays: fewer are cut in some milliseconds at any scale"""
MOST_TILES = 4000
"""tiles of a zoom (some 250 km across at zoom 13); what is larger is cut when it is asked for"""
PICTURED = 5000
"""zones that are painted while somebody waits, in a third of a second"""
PICTURE = 10
"""the zoom whose shapes are fine enough for the picture of a larger plan"""
SECONDS = 50
WHOLE = 13
"""the zoom in which zones still stand alone, with their numbers; on smaller scales those of one class grow together"""


def prepare(version: PlanVersion, *, by: User | None = None) -> Job | None:
    """Start the job if there is something to do for the version; one that waits already will find the same."""
    if not version.is_public and version.zones.count() < FEWEST:
        return None
    if Job.objects.filter(kind=KIND, state=Job.State.QUEUED, args__version=version.pk).exists():
        return None
    return jobs.start(KIND, by=by, version=version.pk)


def changed(version: PlanVersion) -> None:
    """The findings of a version are new, and with them the key of its tiles: those of a large public one are made again."""
    if version.is_public and layers.is_made(tiles.layer_name(version), WHOLE):
        prepare(version)


def run(version: PlanVersion, progress: jobs.Progress = jobs.quiet) -> dict[str, int]:
    """What the job does; begun again it goes on where it was."""
    forget_ended(version)
    ready = make(version, progress) if version.zones.count() >= FEWEST else 0
    return {"ready": ready, "seeded": seed(version, progress) if version.is_public else 0}


def forget_ended(version: PlanVersion) -> None:
    """Ready layers and pictures of older drafts of the plan, which nobody looks at any more."""
    for older in version.plan.versions.filter(number__lt=version.number, published_at=None):
        layers.forget(tiles.layer_name(older))
        pictures.forget(older)


def make(version: PlanVersion, progress: jobs.Progress = jobs.quiet) -> int:
    """Make the zooms of the ready layer that are missing; returns how many tiles were written."""
    name = tiles.layer_name(version)
    wanted = [z for z in range(layers.ZOOMS[1], layers.ZOOMS[0] - 1, -1) if not layers.is_made(name, z)]
    if not wanted and pictures.kept(version) is not None:
        return 0
    number, code, colour, x, y = places(version)
    colours = dict(zip(code, colour, strict=True))
    fine, parts, classes = [], [], []
    groups = [np.sort(group) for group in generalised.blocks(x, y)]
    for done, group in enumerate(groups):
        progress(60 * done // len(groups), _("Generalising zones for small scales"))
        shapes = shapes_of(version, number[group])
        if WHOLE in wanted:
            fine.append(generalised.simplify(shapes, WHOLE))
        there, codes = generalised.dissolve(shapes, code[group])
        parts.append(generalised.simplify(there, WHOLE - 1))
        classes.append(codes)
    written = 0
    if WHOLE in wanted:
        order = np.concatenate(groups)
        written += _write(
            name, WHOLE, np.concatenate(fine), progress, number=number[order], code=code[order], colour=colour[order]
        )
        fine.clear()
    shapes, codes = np.concatenate(parts), np.concatenate(classes)
    for z in range(WHOLE - 1, layers.ZOOMS[0] - 1, -1):
        if z < WHOLE - 1:
            shapes, codes = _level(shapes, codes, z, progress)
        tints = np.array([colours[c] for c in codes], object)
        if z == PICTURE:
            pictures.keep(version, shapes, tints)
        if z in wanted:
            written += _write(name, z, shapes, progress, code=codes, colour=tints)
    return written


def picture(version: PlanVersion) -> bytes | None:
    """The plan as a small picture (PNG); None of a plan so large that its picture comes with its ready layer."""
    if (there := pictures.kept(version)) is not None:
        return there
    if not 0 < version.zones.count() <= PICTURED:
        return None
    number, _code, colour, _x, _y = places(version)
    return pictures.keep(version, shapes_of(version, number), colour)


def places(version: PlanVersion) -> tuple[np.ndarray, ...]:
    """Number, class, colour and middle (EPSG:3857) of each zone, in the order of their numbers."""
    rows = sql.rows("planning/zone_places", seconds=SECONDS, version=version.pk)
    number, code, colour, x, y = zip(*rows, strict=True)
    return np.array(number), np.array(code, object), np.array(colour, object), np.array(x), np.array(y)


def shapes_of(version: PlanVersion, number: np.ndarray) -> np.ndarray:
    """Shapes (EPSG:3857) of the zones with these numbers, which ascend."""
    rows = sql.rows("planning/zone_shapes", seconds=SECONDS, version=version.pk, numbers=number.tolist())
    return shapely.from_wkb([bytes(shape) for (shape,) in rows])


def _level(shapes: np.ndarray, codes: np.ndarray, z: int, progress: jobs.Progress) -> tuple[np.ndarray, np.ndarray]:
    pieces = []
    for piece in generalised.coarser(shapes, codes, z):
        progress(75, _("Generalising zones for small scales"))
        pieces.append(piece)
    return np.concatenate([p[0] for p in pieces]), np.concatenate([p[1] for p in pieces])


def _write(name: str, z: int, shapes: np.ndarray, progress: jobs.Progress, **fields: np.ndarray) -> int:
    if len(cutting.numbers(tuple(shapely.total_bounds(shapes)), z)) > MOST_TILES:
        return 0

    def told() -> Iterator[tuple[int, int, bytes]]:
        for tile in cutting.cut("zones", shapes, z, **fields):
            progress(70, _("Cutting tiles of zoom %(zoom)d") % {"zoom": z})
            yield tile

    return layers.write(name, z, told())


def seed(version: PlanVersion, progress: jobs.Progress = jobs.quiet) -> int:
    """Make the public tiles of small scales before anybody asks; stops when the key is not of today any more."""
    key, source, made = tiles.key(version), tiles.source(version), 0
    wanted = [
        (z, x, y)
        for z in range(layers.ZOOMS[0], layers.ZOOMS[1] + 1)
        for x, y in cutting.numbers(version.village.geom_web.extent, z)[:MOST_TILES]
    ]
    for done, (z, x, y) in enumerate(wanted):
        progress(80 + 20 * done // len(wanted), _("Making the tiles that visitors meet first"))
        if store.stored(key, z, x, y) is not None:
            continue
        data = store.render(tiles.VERSIONS, source, z, x, y).data
        if tiles.find(key, None) is None:
            break
        if data:
            store.store(key, z, x, y, store.pack(data))
            made += 1
    return made
