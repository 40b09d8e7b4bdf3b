"""The counting rules (统计口径) a computation uses: sets of land-use classes, limits and rules, read from data.

What counts as construction land differs by province, so no code is written into a formula: functions are handed the
`Standard` and ask it. Its digest goes into the digest of every result.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

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
        if isinstance(codes, np.ndarray):
            known = {code: str(code) in self for code in set(codes)}
            return np.array([known[code] for code in codes], bool)
        which, found = pd.factorize(codes if isinstance(codes, pd.Series) else np.asarray(codes, object))
        return np.array([*(str(code) in self for code in found), False], bool)[which]  # -1: no code


@dataclass(frozen=True)
class Standard:
    """Sets, limits and rules with the version and source they came from.

    `rules` is what profiles say beside sets and limits (docs/indicators.md): homestead_m2, setbacks_m, use_zone_allows, …;
    a rule nobody has stated is missing, and functions ask with `.get`. `digest` is of the content of all three.
    """

    version: str
    date: str
    source: str
    sets: dict[str, CodeSet]
    limits: dict[str, float]
    rules: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""

    def __getitem__(self, name: str) -> CodeSet:
        return self.sets[name]


def standard_of(data: Mapping[str, Any]) -> Standard:
    """A standard out of the content of a file of code sets; what is missing in it fails here, not in a formula."""
    sets = {
        name: CodeSet(name, frozenset(entry["include"]), frozenset(entry.get("exclude", ())))
        for name, entry in data["sets"].items()
    }
    limits = {name: float(entry["value"]) for name, entry in data["limits"].items()}
    rules = data.get("rules", {})
    return Standard(data["version"], data["date"], data["source"], sets, limits, rules, digest_of(data))


def digest_of(data: Any) -> str:
    """SHA-256 of JSON, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


RULES = {
    "line_levels": "line_levels_national.json",
    "table_names": "table_names_national.json",
    "living_circle": "living_circle_national.json",
    "ecosystem_services": "ecosystem_services_national.json",
    "carbon": "carbon_national.json",
}
"""tables that fill a file of their own: rule -> file"""


@lru_cache(maxsize=16)
def read_standard(path: Path = DATA / "code_sets_national.json") -> dict[str, Any]:
    """The content of a file of code sets, with the national tables among its rules."""
    data = _read(path)
    return {**data, "rules": {**data.get("rules", {}), **{name: _read(DATA / file) for name, file in RULES.items()}}}


def _read(path: Path) -> dict[str, Any]:
    return json.loads(Path(path).read_text(encoding="utf-8"))


@lru_cache(maxsize=16)
def load_standard(path: Path = DATA / "code_sets_national.json") -> Standard:
    """The standard of a file of code sets alone, without profiles."""
    return standard_of(read_standard(path))
