"""Rules of values (值符合性, 属性正确性): filled, from their list, unique, code and name of the same class."""

from collections.abc import Iterable, Iterator
from typing import Any

from planning.models import LandUseClass
from planning.quality.case import Case
from planning.quality.registry import NotApplicable, rule
from planning.quality.structure import rows_with
from planning.schema import FieldSpec, Matched
from planning.values import as_code
from portal.geo.issues import WARNING, Issue
from villages import codes

DEPTH = {"07": 4}
"""digits a class needs by the start of its code (domain 3.5, S7); a county may ask for more"""


def at(code: str, matched: Matched, row: int, params: dict[str, Any], *, warns: bool = False) -> Issue:
    """An issue on one row of a layer, with the geometry that stands there."""
    level = {"level": WARNING} if warns else {}
    return Issue(code, layer=matched.layer.name, row=row, params=params, geom=matched.layer.geometry[row - 1], **level)


def fields_there(case: Case) -> Iterator[tuple[Matched, FieldSpec, str]]:
    """Every field of the schema that the file has, with its column."""
    for matched in case.matched:
        for spec in matched.spec.fields:
            if spec.name in matched.columns:
                yield matched, spec, matched.columns[spec.name]


@rule("S3")
def filled(case: Case) -> Iterator[Issue]:
    """Required fields are not empty; every zone has a class."""
    for row, code in enumerate(case.codes, 1):
        if not code:
            yield at("S3", case.zones, row, {"reason": "code_empty"})
    for matched, spec, column in fields_there(case):
        if not spec.required or is_class(matched, spec):
            continue
        for row, _value in rows_with(matched.values(column), {None}):
            yield at("S3", matched, row, {"reason": "value_empty", "field": column})


def is_class(matched: Matched, spec: FieldSpec) -> bool:
    """The class of the zones is judged once it is converted."""
    return matched.spec.role == "zones" and spec.means == "code"


@rule("S4")
def in_domain(case: Case) -> Iterator[Issue]:
    """Land-use classes are those of the guide; values of fields with a domain (值域) are in its list, YSDM is the fixed one."""
    unknown = {c for c in set(case.codes) if c} - case.known_codes
    for row, code in rows_with(case.codes, unknown):
        yield at("S4", case.zones, row, {"reason": "code_unknown", "value": code[:100]})
    for matched, spec, column in fields_there(case):
        if spec.domain:
            yield from outside_list(matched, column, case.profile.domains.get(spec.domain, {}), spec.domain)
        elif matched.spec.role == "base" and spec.means == "code":
            yield from unknown_of_base(case, matched, column)


def outside_list(matched: Matched, column: str, domain: dict[str, str], name: str) -> Iterator[Issue]:
    cells = matched.values(column)
    strange = {v for v in set(cells) if v is not None and as_code(v) not in domain}
    for row, value in rows_with(cells, strange):
        params = {"reason": "not_in_domain", "value": str(value)[:100], "field": column, "domain": name}
        yield at("S4", matched, row, params)


def unknown_of_base(case: Case, matched: Matched, column: str) -> Iterator[Issue]:
    """Base land use keeps the codes of the survey (DLBM) or has those of the guide; both are known."""
    cells = matched.values(column)
    strange = {
        v for v in set(cells) if v is not None
        and as_code(v) not in case.known_codes and not codes.exists(as_code(v), codes.SURVEY)
    }  # fmt: skip
    for row, value in rows_with(cells, strange):
        yield at("S4", matched, row, {"reason": "code_unknown", "value": str(value)[:100]})


@rule("S5")
def unique(case: Case) -> Iterable[Issue] | NotApplicable:
    """The identifier 标识码 BSM (and any other field the profile says so of) stands once in its layer."""
    found = [(m, column) for m, spec, column in fields_there(case) if spec.unique]
    if not found:
        names = {spec.name for layer in case.profile.layers for spec in layer.fields if spec.unique}
        return NotApplicable("no_such_fields", {"fields": ", ".join(sorted(names)) or "BSM"})
    return (issue for matched, column in found for issue in repeated(matched, column))


def repeated(matched: Matched, column: str) -> Iterator[Issue]:
    cells = matched.values(column)
    if len(set(cells) - {None}) == sum(v is not None for v in cells):
        return
    first: dict[Any, int] = {}
    for row, value in enumerate(cells, 1):
        other = first.setdefault(value, row)
        if value is not None and other != row:
            params = {"reason": "not_unique", "value": str(value)[:100], "field": column, "other": other}
            yield at("S5", matched, row, params)


@rule("S6")
def names_fit(case: Case) -> Iterable[Issue] | NotApplicable:
    """Code and name are of the same class (代码与名称一致), XZQDM and XZQMC of the same village."""
    pairs = [m for m in case.matched if m.spec.role != "table" and m.named_apart]
    divisions = [m for m in case.matched if m.column("division") and m.column("division_name")]
    if not pairs and not divisions:
        return NotApplicable("no_such_fields", {"fields": "YDYHFLDM, YDYHFLMC, XZQDM, XZQMC"})
    return (
        issue
        for found in (*(class_names(case, m) for m in pairs), *(division_names(case, m) for m in divisions))
        for issue in found
    )


def class_names(case: Case, matched: Matched) -> Iterator[Issue]:
    stated = [None if v is None else as_code(v) for v in matched.of("code")]
    zones = matched.spec.role == "zones"
    rows = list(zip(stated, case.codes if zones else stated, matched.of("code_name"), strict=True))
    official = dict(LandUseClass.objects.filter(code_version="2023").values_list("code", "name_zh"))
    faults = {}
    for stated_code, taken, name in set(rows):
        if not (stated_code and taken and name) or (zones and stated_code in case.profile.codes):
            continue
        wanted = names_of(stated_code, taken, official, any_edition=not zones)
        if wanted and (reason := name_fault(taken, str(name), wanted, official)):
            faults[stated_code, taken, name] = {"reason": reason, "wanted": wanted[0]}
    for row, key in rows_with(rows, set(faults)):
        if not (zones and row in case.decided):
            params = {**faults[key], "value": key[0], "name": str(key[2])[:50]}
            yield at("S6", matched, row, params, warns=params["reason"] != "name_not_of_code")


def names_of(stated: str, taken: str, official: dict[str, str], *, any_edition: bool) -> list[str]:
    """Names a row may have: of the class that was taken, and of the file's own code in its edition if it was converted."""
    stem = codes.base_of(stated)[0]
    own = [names[stem] for e in (codes.SURVEY, codes.OLD) if stem in (names := codes.names_of(e))]
    if stated == taken and not any_edition:
        own = []
    return [n for n in (official.get(taken), *own) if n]


def name_fault(taken: str, name: str, wanted: list[str], official: dict[str, str]) -> str | None:
    """A name without 用地 (or with it), or of the class above, means the same and is only remarked on."""
    if name.removeprefix(codes.ADJUSTABLE) in wanted:
        return None
    if codes.plain(name) in map(codes.plain, wanted):
        return "name_short"
    above = [official.get(taken[:n], "") for n in (2, 4) if n < len(taken)]
    return "name_of_parent" if codes.plain(name) in map(codes.plain, above) else "name_not_of_code"


def division_names(case: Case, matched: Matched) -> Iterator[Issue]:
    """Rows of this village bear its name, and its name stands with no other code."""
    village = case.village
    ours = {village.short_name, village.division.name}
    rows = [
        (None if c is None else as_code(c), n)
        for c, n in zip(matched.of("division"), matched.of("division_name"), strict=True)
    ]
    faults = {}
    for code, name in set(rows):
        if not code or not name or len(code) < 12:
            continue
        if code[:12] == village.code and not any(akin(str(name), own) for own in ours):
            faults[code, name] = {"reason": "name_not_of_code", "wanted": village.short_name, "value": code}
        elif code[:12] != village.code and name in ours:
            faults[code, name] = {"reason": "division_not_of_name", "wanted": village.code, "value": code}
    for row, key in rows_with(rows, set(faults)):
        yield at("S6", matched, row, {**faults[key], "name": str(key[1])[:50]})


def akin(name: str, own: str) -> bool:
    """柳沟村, 柳沟村委会 and 柳沟村村民委员会 are one village."""
    return name.startswith(own.removesuffix("委会")) or own.startswith(name)


@rule("S7")
def detailed(case: Case) -> Iterable[Issue] | NotApplicable:
    """Classes are as detailed as they must be, such as 07 with four digits; the longest start of a code decides."""
    if not case.codes:
        return NotApplicable("no_zones")
    wanted = case.profile.rules.get("depth", DEPTH)
    short = {c for c in set(case.codes) if c and len(c) < digits(c, wanted)}
    return (
        at("S7", case.zones, row, {"reason": "code_too_short", "value": code, "wanted": digits(code, wanted)})
        for row, code in rows_with(case.codes, short)
    )


def digits(code: str, wanted: dict[str, int]) -> int:
    return next((wanted[code[:n]] for n in range(len(code), 0, -1) if code[:n] in wanted), 0)
