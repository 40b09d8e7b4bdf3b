"""The process that reads one upload: `python -I -B portal/geo/child.py JOBFOLDER`, started by sandbox.py.

It gives up network, files and programs first and opens the upload after. It answers with files in its job folder.
"""

import errno
import json
import os
import sys
import traceback
import types
from pathlib import Path

if "portal" not in sys.modules:  # as a program: the package's own __init__ would load Celery and the settings
    _package = types.ModuleType("portal")
    _package.__path__ = [str(Path(__file__).resolve().parent.parent)]
    sys.modules["portal"] = _package

from portal.geo import handover, jail, progress
from portal.geo.archive import ArchiveLimits
from portal.geo.issues import Refused, refusal
from portal.geo.source import Limits, Options, SourceLayer

CODE = [
    *map(Path, {sys.prefix, sys.base_prefix, sys.exec_prefix}),
    Path(__file__).resolve().parent,
    *map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/dev/urandom")),
]
"""what the reader may read besides its job folder: the interpreter, the libraries and itself"""

SINGLE = {"gpkg", "geojson", "json", "gml", "kml", "dxf"}
"""files that are all the data of an archive they lie in"""


def main(folder: Path, parent: int | None = None) -> None:
    task = json.loads((folder / handover.TASK).read_text(encoding="utf-8"))
    limits = Limits(**{**task["limits"], "archive": ArchiveLimits(**task["limits"]["archive"])})
    progress.begin(folder)
    try:
        layers_of_jail = jail.enter(folder, CODE, limits)
        if parent and os.getppid() != parent:
            return  # killed before the jail bound our life to its own: nobody waits for an answer
        if task["kind"] in ("xlsx", "csv"):
            from portal.geo import table_child

            table_child.answer(folder, task, Options(**task["options"]), limits, layers_of_jail)
            return
        if task["kind"] in ("jpg", "png", "webp"):
            from portal.geo import photo_child

            photo_child.answer(folder, task["kind"], limits, layers_of_jail)
            return
        layers = read(folder / f"input.{task['kind']}", task["kind"], task["stem"], Options(**task["options"]), limits)
        handover.write_layers(folder, layers, layers_of_jail)
    except Refused as refused:
        handover.write_refusal(folder, refused)
    except jail.NoJail as error:
        handover.write_refusal(folder, refusal("sandbox_unavailable", detail=str(error)))
    except MemoryError:
        handover.write_refusal(folder, refusal("memory"))
    except OSError as error:
        reason = "output_too_large" if error.errno in (errno.EFBIG, errno.ENOSPC) else "crashed"
        traceback.print_exc()
        handover.write_refusal(folder, refusal(reason))
    except Exception:  # the parent tells "refused" from "crashed" by the answer, and logs what is printed here
        traceback.print_exc()
        handover.write_refusal(folder, refusal("crashed"))


def read(path: Path, kind: str, stem: str, options: Options, limits: Limits) -> list[SourceLayer]:
    layers = _source_layers(path, kind, stem, options, limits)
    if sum(len(layer.fields) * len(layer.wkb) for layer in layers) > limits.values:
        raise refusal("too_many_values", limit=limits.values)
    progress.tell(0.4)
    for layer in layers:
        handover.clean(layer, limits)
    progress.tell(0.5)
    from portal.geo import placing  # late: shapely and pyproj cost a quarter of a second that a refusal can save

    placing.place(layers, options, limits)
    progress.tell(0.8)
    for layer, name in zip(layers, handover.unique([layer.name for layer in layers]), strict=True):
        layer.name = name
    return layers


def _source_layers(path: Path, kind: str, stem: str, options: Options, limits: Limits) -> list[SourceLayer]:
    """Each reader is imported for its own kind of file only: what is not there cannot be attacked."""
    match kind:
        case "zip":
            return _zip_layers(path, options, limits)
        case "gpkg":
            from portal.geo import geopackage

            return geopackage.read(path, options, limits)
        case "gml":
            from portal.geo import gml

            return gml.read(path, options, limits)
        case "kml":
            from portal.geo import kml

            return kml.read(path, stem, options, limits)
        case "dxf":
            from portal.geo import dxf

            return dxf.read(path, options, limits)
    from portal.geo import geojson

    return geojson.read(path, stem, limits)


def _zip_layers(path: Path, options: Options, limits: Limits) -> list[SourceLayer]:
    from portal.geo import archive, filegdb

    members = archive.unpack(path, path.parent, limits.archive)
    single = [member for member in members if member.extension in SINGLE]
    databases = filegdb.folders(members)
    shapes = any(member.extension == "shp" for member in members)
    if len(single) + len(databases) + shapes > 1:
        raise refusal("zip_mixed")
    if single:
        stem = single[0].stem.rsplit("/", 1)[-1]
        return _source_layers(single[0].path, single[0].extension, stem, options, limits)
    if databases:
        return filegdb.read(members, options, limits)
    if not shapes:
        raise refusal("no_layer")
    return _shapefiles(members, options, limits)


def _shapefiles(members: list, options: Options, limits: Limits) -> list[SourceLayer]:
    from portal.geo import shapefile

    stems = shapefile.stems(members)
    if options.layers is not None:
        stems = [stem for stem in stems if stem.rsplit("/", 1)[-1] in options.layers]
    if not stems:
        raise refusal("no_layer")
    if len(stems) > limits.layers:
        raise refusal("too_many_layers", count=len(stems), limit=limits.layers)
    return [shapefile.read(stem, members, options, limits) for stem in stems]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
