"""The process that reads one upload: `python -I -B portal/geo/child.py JOBFOLDER`, started by sandbox.py.

It gives up network, files and programs first and opens the upload after. It answers with files in its job folder.
"""

import errno
import json
import sys
import traceback
import types
from pathlib import Path

if "portal" not in sys.modules:  # as a program: the package's own __init__ would load Celery and the settings
    _package = types.ModuleType("portal")
    _package.__path__ = [str(Path(__file__).resolve().parent.parent)]
    sys.modules["portal"] = _package

from portal.geo import handover, jail
from portal.geo.archive import ArchiveLimits
from portal.geo.issues import Refused, refusal
from portal.geo.source import Limits, Options, SourceLayer

CODE = [
    *map(Path, {sys.prefix, sys.base_prefix, sys.exec_prefix}),
    Path(__file__).resolve().parent,
    *map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/dev/urandom")),
]
"""what the reader may read besides its job folder: the interpreter, the libraries and itself"""


def main(folder: Path) -> None:
    task = json.loads((folder / handover.TASK).read_text(encoding="utf-8"))
    limits = Limits(**{**task["limits"], "archive": ArchiveLimits(**task["limits"]["archive"])})
    try:
        layers_of_jail = jail.enter(folder, CODE, limits)
        if task["kind"] in ("xlsx", "csv"):
            from portal.geo import table_child

            table_child.answer(folder, task, Options(**task["options"]), limits, layers_of_jail)
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
    for layer in layers:
        handover.clean(layer, limits)
    from portal.geo import placing  # late: shapely and pyproj cost a quarter of a second that a refusal can save

    placing.place(layers, options, limits)
    return layers


def _source_layers(path: Path, kind: str, stem: str, options: Options, limits: Limits) -> list[SourceLayer]:
    if kind == "zip":
        return _zip_layers(path, options, limits)
    if kind == "gpkg":
        from portal.geo import geopackage

        return geopackage.read(path, options, limits)
    from portal.geo import geojson

    return [geojson.read(path, stem, limits)]


def _zip_layers(path: Path, options: Options, limits: Limits) -> list[SourceLayer]:
    from portal.geo import archive

    members = archive.unpack(path, path.parent, limits.archive)
    single = [member for member in members if member.extension in ("gpkg", "geojson", "json")]
    shapes = any(member.extension == "shp" for member in members)
    if len(single) + shapes > 1:
        raise refusal("zip_mixed")
    if single:
        stem = single[0].stem.rsplit("/", 1)[-1]
        return _source_layers(single[0].path, single[0].extension, stem, options, limits)
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
    layers = [shapefile.read(stem, members, options, limits) for stem in stems]
    names = handover.unique([layer.name for layer in layers])
    for layer, name in zip(layers, names, strict=True):
        layer.name = name
    return layers


if __name__ == "__main__":
    main(Path(sys.argv[1]))
