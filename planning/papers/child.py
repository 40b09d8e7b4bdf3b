"""The process that reads one photograph of a marked sheet: `python -I -B planning/papers/child.py JOBFOLDER`, started by jailed.py.

It enters the jail of uploads (portal.geo.jail) before it opens the picture, and answers with files in its job folder.
"""

import json
import os
import sys
import traceback
import types
from pathlib import Path
from typing import TYPE_CHECKING

if "portal" not in sys.modules:  # as a program: the packages' own __init__ would load settings
    for _name in ("portal", "planning"):
        _package = types.ModuleType(_name)
        _package.__path__ = [str(Path(__file__).resolve().parent.parent.parent / _name)]
        sys.modules[_name] = _package

import planning.papers  # noqa: F401  found now: in the jail the folder above it cannot be listed
from portal.geo import child, handover, jail, progress
from portal.geo.archive import ArchiveLimits
from portal.geo.issues import Refused, refusal
from portal.geo.source import Limits

if TYPE_CHECKING:
    import numpy as np

PHOTO, PRINTED, FLAT, PAGE = "input.jpg", "printed.png", "flat.jpg", "page.json"


def main(folder: Path, parent: int | None = None) -> None:
    task = json.loads((folder / handover.TASK).read_text(encoding="utf-8"))
    limits = Limits(**{**task["limits"], "archive": ArchiveLimits(**task["limits"]["archive"])})
    progress.begin(folder)
    try:
        jail.enter(folder, [*child.CODE, Path(__file__).resolve().parent], limits)
        if parent and os.getppid() != parent:
            return
        said = read_code(folder) if task["kind"] == "code" else read_page(folder)
        (folder / handover.ANSWER).write_text(json.dumps(said, allow_nan=False), encoding="utf-8")
    except jail.NoJail as error:
        handover.write_refusal(folder, refusal("sandbox_unavailable", detail=str(error)))
    except MemoryError:
        handover.write_refusal(folder, refusal("memory"))
    except Refused as refused:
        handover.write_refusal(folder, refused)
    except Exception:  # the parent tells "refused" from "crashed" by the answer, and logs what is printed here
        traceback.print_exc()
        handover.write_refusal(folder, refusal("crashed"))


def read_code(folder: Path) -> dict:
    from planning.papers import reading

    try:
        code = reading.code_of(pixels_of(folder / PHOTO))
    except reading.Unreadable as why:
        return {"fault": why.fault}
    return {"sheet": code.sheet, "page": code.page}


def read_page(folder: Path) -> dict:
    import cv2
    from PIL import Image
    from shapely import get_coordinates

    from planning.papers import reading
    from planning.papers.plate import Plate

    cv2.setNumThreads(1)  # each thread would reserve address space out of the memory limit
    plate = Plate.of(json.loads((folder / PAGE).read_text(encoding="utf-8")))
    wide, high = plate.size
    printed = cv2.resize(pixels_of(folder / PRINTED), (wide, high), interpolation=cv2.INTER_AREA)
    progress.tell(0.1)
    try:
        found = reading.read(pixels_of(folder / PHOTO), printed, plate)
    except reading.Unreadable as why:
        return {"fault": why.fault}
    Image.fromarray(found.flat).save(folder / FLAT, "JPEG", quality=84)
    marks = [
        {"kind": mark.kind, "points": get_coordinates(mark.shape).round(3).tolist(), "colour": mark.colour,
         "box": list(mark.box), "error": error}
        for mark, error in zip(found.marks, found.errors, strict=True)
    ]  # fmt: skip
    return {
        "marks": marks, "error": found.error, "corners": found.corners, "places": found.places, "blind": found.blind,
        "by": found.by,
    }  # fmt: skip


def pixels_of(path: Path) -> "np.ndarray":
    import numpy as np
    from PIL import Image, JpegImagePlugin, PngImagePlugin  # noqa: F401  makes the formats known

    with Image.open(path, formats=["JPEG", "PNG"]) as image:
        return np.asarray(image.convert("RGB"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
