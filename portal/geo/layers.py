"""Layers of tiles that lie ready for small scales, one folder per layer and zoom, made once from what never changes again.

They lie beside the public tiles, in a folder of their own that no web server hands out: whoever asks for a tile goes through the
right of its tileset first. A zoom is whole or not there: its folder gets its name when all of its tiles are written.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from portal.ids import new_id

ZOOMS = (8, 13)
"""from here to there tiles come from ready layers; nearer ones are cut from the shapes as they are"""


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "tiles" / "layers"


def is_made(name: str, z: int) -> bool:
    return (folder() / name / str(z)).is_dir()


def read(name: str, z: int, x: int, y: int) -> bytes | None:
    """The layer in a tile as MVT, empty where it has nothing; None if this zoom is not ready."""
    place = f"{settings.MEDIA_ROOT}/tiles/layers/{name}/{z}"
    try:
        with open(f"{place}/{x}-{y}.mvt", "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b"" if Path(place).is_dir() else None


def write(name: str, z: int, tiles: Iterable[tuple[int, int, bytes]]) -> int:
    """Keep a zoom of a layer; returns how many tiles it has. What `tiles` raises leaves nothing behind."""
    half, whole = folder() / name / f"{z}.{new_id()}.part", folder() / name / str(z)
    half.mkdir(parents=True)
    try:
        count = 0
        for x, y, data in tiles:
            (half / f"{x}-{y}.mvt").write_bytes(data)
            count += 1
        if not whole.exists():  # another worker may have been quicker; both made the same
            half.rename(whole)
        return count
    finally:
        shutil.rmtree(half, ignore_errors=True)


def forget(name: str) -> None:
    shutil.rmtree(folder() / name, ignore_errors=True)
