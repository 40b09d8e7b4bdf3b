"""Land-use codes of other editions as classes of the 2023 guide (地类代码转换): the survey's DLBM, the codes of 2020.

The tables are data (data/code_conversions.json, with source and date). A code is converted once, from what the file says;
never what another conversion made of it, because the same digits stand for other classes in each edition.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent / "data" / "code_conversions.json"
SURVEY, OLD, NEW = "survey3", "2020", "2023"
EDITIONS = (NEW, OLD, SURVEY)
"""in the order in which equal evidence is decided"""
AUTO = "auto"
ADJUSTABLE = "可调整"

Pair = tuple[str, str]


@dataclass(frozen=True)
class Choice:
    """A code that may be one of several classes: what is taken meanwhile, and what a person may choose."""

    value: str
    proposed: str
    choices: tuple[str, ...]


@dataclass
class Conversion:
    """Lists run parallel to the values; row numbers count from 1, as people do."""

    codes: list[str | None]
    file_codes: list[str]
    """the code as the file has it, where it is of another edition than 2023; else empty"""
    needs_person: dict[int, Choice] = field(default_factory=dict)
    adjustable: list[int] = field(default_factory=list)
    """rows with the suffix K (可调整): may be made cropland again"""
    edition: str = NEW
    converted: Counter[str] = field(default_factory=Counter)
    """rows by the edition their code was read as, 2023 left out"""
    unsure: int = 0
    """rows whose digits mean something else in another edition that fits the whole file as well"""


@dataclass(frozen=True)
class _Read:
    """What one pair of code and name means."""

    code: str
    edition: str = NEW
    choice: Choice | None = None
    adjustable: bool = False


@cache
def tables() -> dict[str, Any]:
    """The editions by name, as the data file has them."""
    return json.loads(DATA.read_text("utf-8"))


@cache
def classes(edition: str) -> dict[str, dict[str, Any]]:
    """Code -> {name, to, choices} of an edition that is converted."""
    return {row["code"]: row for row in tables()[edition]["classes"]}


@cache
def names_of(edition: str) -> dict[str, str]:
    """Code -> Chinese name. Of 2020 those codes that changed; the others are named as in 2023."""
    if edition == NEW:
        return tables()[NEW]["names"]
    own = {code: row["name"] for code, row in classes(edition).items()}
    return own if edition == SURVEY else {**tables()[NEW]["names"], **own}


def plain(name: str) -> str:
    """A class's name without what people leave out: 用地, 地, 可调整."""
    return name.strip().removeprefix(ADJUSTABLE).removesuffix("用地").removesuffix("地")


def base_of(code: str) -> tuple[str, bool]:
    """A survey code without its suffix K, and whether it had one (可调整地类)."""
    stem = code.removesuffix("K")
    return (stem, True) if stem != code and stem in classes(SURVEY) else (code, False)


@cache
def exists(code: str, edition: str) -> bool:
    """Whether an edition has the code. Six digits the tables lack may be a class an administrator added."""
    if edition == SURVEY:
        return base_of(code)[0] in classes(SURVEY)
    known = code in names_of(edition) or (len(code) == 6 and code.isdigit() and code[:4] in names_of(edition))
    return known and not (edition == OLD and code in tables()[OLD]["absent"])


@cache
def fits(code: str, name: str) -> frozenset[str]:
    """The editions a code with this name can be of: by its name where an edition calls it so, else by the code alone."""
    by_code = [e for e in EDITIONS if exists(code, e)]
    by_name = [e for e in by_code if name and plain(names_of(e).get(base_of(code)[0], "")) == plain(name)]
    return frozenset(by_name or by_code)


def convert(values: Sequence[str | None], names: Sequence[str | None], edition: str = AUTO) -> Conversion:
    """Codes of a file as classes of 2023. `names` are the file's names of the classes (地类名称), None where it has none.

    `auto` takes the edition that the fewest rows speak against (names, codes only one edition has); a code that is not of
    it is read as what it can be. Digits that changed their meaning from 2020 to 2023 are decided by the name; without
    one, by a person, unless the file is plainly of 2023.
    """
    pairs = [None if v is None else (v, n or "") for v, n in zip(values, names, strict=True)]
    counts = Counter(p for p in pairs if p is not None)
    against = {e: sum(n for pair, n in counts.items() if (f := fits(*pair)) and e not in f) for e in EDITIONS}
    taken = min(EDITIONS, key=lambda e: against[e]) if edition == AUTO else edition
    if edition == NEW:
        read = {pair: _Read(pair[0]) for pair in counts}
    else:
        plainly_new = edition == AUTO and taken == NEW and against[OLD] > against[NEW] == 0
        read = {pair: _read(pair, taken, strict=edition != AUTO, plainly_new=plainly_new) for pair in counts}
    return _laid_out(pairs, read, taken, _unsure(counts, against, taken) if edition == AUTO else 0)


def _laid_out(pairs: list[Pair | None], read: dict[Pair, _Read], taken: str, unsure: int) -> Conversion:
    rows = [None if p is None else read[p] for p in pairs]
    return Conversion(
        codes=[None if r is None else r.code for r in rows],
        file_codes=[p[0] if r is not None and r.edition != NEW else "" for p, r in zip(pairs, rows, strict=True)],
        needs_person={n: r.choice for n, r in enumerate(rows, 1) if r is not None and r.choice},
        adjustable=[n for n, r in enumerate(rows, 1) if r is not None and r.adjustable],
        edition=taken,
        converted=Counter(r.edition for r in rows if r is not None and r.edition != NEW),
        unsure=unsure,
    )


def _unsure(counts: Counter[Pair], against: dict[str, int], taken: str) -> int:
    """Rows that mean something else in the survey, when nothing in the file tells the survey from 2023."""
    if taken == SURVEY or against[SURVEY] > against[taken]:
        return 0
    both = {pair: n for pair, n in counts.items() if {SURVEY, taken} <= fits(*pair)}
    return sum(n for (code, _name), n in both.items() if classes(SURVEY)[base_of(code)[0]]["to"] != code)


def _read(pair: Pair, taken: str, *, strict: bool, plainly_new: bool) -> _Read:
    code, name = pair
    fit = fits(code, name)
    edition = taken if taken in fit or strict or not fit else next(e for e in (OLD, SURVEY, NEW) if e in fit)
    if edition == SURVEY:
        return _of_survey(code)
    if code in tables()[OLD]["ambiguous"]:
        return _of_changed(code, fit, edition, plainly_new)
    if edition == OLD and code in classes(OLD):
        return _Read(classes(OLD)[code]["to"], OLD)
    return _Read(code)


def _of_survey(code: str) -> _Read:
    stem, adjustable = base_of(code)
    row = classes(SURVEY).get(stem)
    if row is None:
        return _Read(code)
    choice = Choice(code, row["to"], tuple(row["choices"])) if "choices" in row else None
    return _Read(row["to"], SURVEY, choice, adjustable)


def _of_changed(code: str, fit: frozenset[str], edition: str, plainly_new: bool) -> _Read:
    """Digits with another meaning in 2020 than in 2023 (同码异义)."""
    old = classes(OLD)[code]["to"]
    said = fit & {OLD, NEW}
    if len(said) == 1:
        return _Read(old, OLD) if OLD in said else _Read(code)
    if plainly_new:
        return _Read(code)
    taken = old if edition == OLD else code
    return _Read(taken, OLD if taken != code else NEW, Choice(code, taken, (old, code)))
