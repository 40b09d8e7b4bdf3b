"""Files that must not get through, after the corpus of threats.md section 4, each with what must become of it.

`CASES` holds them: a file name, the content (made on demand, given where the canaries are) and the reasons that are
right answers. No reasons: the file is accepted, and what is dangerous in it has been made harmless.
"""

from tests.nasty import (
    archives,
    disguises,
    drawings,
    geodatabases,
    geojson,
    geopackages,
    markup,
    places,
    shapefiles,
)
from tests.nasty.combs import crossing_combs
from tests.nasty.corpus import CASES, Canaries, Case

__all__ = [
    "CASES", "Canaries", "Case", "archives", "crossing_combs", "disguises", "drawings", "geodatabases", "geojson",
    "geopackages", "markup", "places", "shapefiles",
]  # fmt: skip
