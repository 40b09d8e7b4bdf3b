"""The counting rules (统计口径) a computation uses: sets of land-use classes and limits, read from a data file.

What counts as construction land differs by province, so no code is written into a formula: functions are handed the
`Standard` and ask it. The file's version goes into the digest of a run.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True)
class CodeSet:
    """Land-use classes by prefix: the longest prefix that fits a code decides, included or not."""

    name: str
    include: frozenset[str]
    exclude: frozenset[str] = frozenset()

    def __contains__(self, code: str) -> bool:
        prefixes = (code[:length] for length in range(len(code), 0, -1))
        return next((p in self.include for p in prefixes if p in self.include or p in self.exclude), False)

    def mask(self, codes: Iterable[str]) -> np.ndarray:
        """Which of the codes belong."""
        texts = [str(code) for code in codes]
        known = {code: code in self for code in set(texts)}
        return np.array([known[code] for code in texts], bool)


@dataclass(frozen=True)
class Standard:
    """Sets and limits with the version and source they came from."""

    version: str
    date: str
    source: str
    sets: dict[str, CodeSet]
    limits: dict[str, float]

    def __getitem__(self, name: str) -> CodeSet:
        return self.sets[name]


@lru_cache(maxsize=16)
def load_standard(path: Path = DATA / "code_sets_national.json") -> Standard:
    """Read a file of code sets; what is missing in it fails here, not in a formula."""
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    sets = {
        name: CodeSet(name, frozenset(entry["include"]), frozenset(entry.get("exclude", ())))
        for name, entry in data["sets"].items()
    }
    limits = {name: float(entry["value"]) for name, entry in data["limits"].items()}
    return Standard(data["version"], data["date"], data["source"], sets, limits)
