"""What the reading child is told and what its format readers answer. Standard library only: both sides import it."""

from dataclasses import dataclass, field

from portal.geo.archive import ArchiveLimits

Value = str | int | float | bool | None
Bounds = tuple[float, float, float, float]
"""minx, miny, maxx, maxy"""
Samples = dict[str, list[str]]
"""encoding: the same texts of the file, as that encoding reads them"""


@dataclass(frozen=True)
class Limits:
    """Bounds of one upload. The first four bound the reading process, the others what it may hand back."""

    seconds: int = 60
    cpu_seconds: int = 60
    memory_bytes: int = 2 * 2**30
    open_files: int = 64
    file_bytes: int = 300 * 2**20
    json_bytes: int = 100 * 2**20
    archive: ArchiveLimits = field(default_factory=ArchiveLimits)
    layers: int = 50
    rows: int = 700_000
    fields: int = 300
    vertices: int = 15_000_000
    text_chars: int = 10_000
    lines: bool = False
    """whether the line breaks within a cell of a table stay"""
    values: int = 10_000_000
    """rows times fields of all layers"""
    longest: int = 2000
    """pixels of the longer side of a picture that is made anew"""


LIMITS = Limits()


@dataclass(frozen=True)
class Options:
    """What the uploader chose because the file does not say it (or says it wrongly)."""

    crs: str | None = None
    encoding: str | None = None
    layers: list[str] | None = None
    swap_axes: bool = False
    """the file has latitude or northing first: a person looked at the map and said so"""


@dataclass
class SourceLayer:
    """A layer as its format reader found it: geometries still in the file's own CRS, as 2D or 3D WKB or None."""

    name: str
    fields: list[str]
    columns: list[list]
    wkb: list[bytes | None]
    crs: str
    """WKT or name as the file has it; empty if it has none"""
    encoding: str
    notes: list[dict]
    samples: Samples = field(default_factory=dict)
    raw_bounds: Bounds | None = None
    """in the file's own coordinates; None without any"""
