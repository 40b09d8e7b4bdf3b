"""From the layers of a file to a draft and a quality report: mapping, conversion of codes, repairs, every rule.

Knows nothing of uploads or versions; planning.imports reads the file before and stores the draft after.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import shapely

from planning import choices, guess, profiles, recoding, repairing, schema
from planning.models import Project
from planning.quality import Case, report, run
from planning.schema import Matched, Profile
from planning.values import as_code
from portal.geo.issues import ERROR, Issue
from portal.geo.repairs import Change
from villages.models import Village


@dataclass
class Draft:
    """What a file says, in our terms, checked but not stored. Lists run parallel to the rows of the zone layer."""

    codes: list[str]
    geoms: np.ndarray
    labels: list[Any]
    areas: list[float | None]
    remarks: list[Any]
    file_codes: list[str]
    """the code as the file has it, where it was converted; else empty"""
    attributes: list[dict[str, Any]]
    projects: list[dict[str, Any]] = field(default_factory=list)
    features: list["Features"] = field(default_factory=list)
    worklist: list[dict[str, Any]] = field(default_factory=list)
    """codes that may be one of several classes: layer, row, value, proposed, choices, decided"""
    notes: list[dict[str, Any]] = field(default_factory=list)
    measured: np.ndarray | None = None
    """ellipsoidal areas 椭球面积 in m², if the rules measured every zone"""


@dataclass
class Features:
    """A layer of the file that is neither zones nor projects, kept with the version as it came."""

    layer: str
    attributes: list[dict[str, Any]]
    geoms: np.ndarray


@dataclass
class Judgement:
    """Draft (None: no zone layer or no code field), issues rule by rule, report, and what a person may do about it."""

    draft: Draft | None
    issues: list[Issue]
    report: dict[str, Any]
    preview: dict[str, Any]
    found: dict[str, Any] = field(default_factory=dict)
    """repairs made and on offer, codes that need a person: kept in Upload.result"""

    @property
    def refused(self) -> bool:
        """Faults of the file refuse it; faults of the plan's content (rules L) are kept with the version."""
        return self.draft is None or any(i.level == ERROR and not i.code.startswith("L") for i in self.issues)


def judge(
    layers: list[Any], profile: Profile, village: Village, *,
    decisions: dict[str, dict[str, str]] | None = None, repairs: list[str] | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Judgement:  # fmt: skip
    """Map the layers of a file, make the repairs consented to, convert its codes and run every rule."""
    changes: list[Change] = []
    if repairs:
        layers, changes = repairing.repaired(layers, profile, village, repairs, progress)
    matched = schema.match(layers, profile)
    case = Case(village, profile, layers, matched, known_codes=profiles.known_codes(), progress=progress)
    draft = None
    if case.zones is not None and case.zones.column("code"):
        draft = drafted(case, decisions or {})
    results = run(case)
    issues = [issue for result in results for issue in result.issues]
    told = report.as_json(results, profile=f"{profile.name}@{profile.edition}", rules=profile.rules)
    told |= repairing.told(changes)
    preview = guess.preview(layers, profile)
    if draft is not None:
        draft.measured = case.area if case.sound.all() else None
        preview["notes"] += draft.notes
        told |= choices.decided(draft.worklist)
    found: dict[str, Any] = {"repaired": repairing.summaries(changes)} if changes else {}
    if draft is not None:
        found |= {**recoding.found(draft.worklist), "offers": repairing.offers(case, issues)}
    return Judgement(draft, issues, told, preview, found)


def drafted(case: Case, decisions: dict[str, dict[str, str]]) -> Draft:
    """The draft of a matched file; fills what the rules look at in `case`."""
    zones = case.zones
    stated = [None if v is None else as_code(v) for v in zones.of("code")]
    conversion = recoding.convert(zones, stated, case.profile)
    worklist = recoding.decide(conversion, zones, decisions.get(zones.layer.name, {}))
    case.codes = conversion.codes
    case.decided = frozenset(entry["row"] for entry in worklist if entry["decided"])
    case.geoms = zones.layer.geometry
    areas, issues = numbers(zones, "area_m2")
    case.file_area = areas if zones.column("area_m2") else []
    projects, more = read_projects(case)
    case.found_before = issues + more + recoding.open_questions(worklist, zones) + recoding.doubts(conversion, zones)
    file_codes = [
        f or (s or "" if s != c else "") for f, s, c in zip(conversion.file_codes, stated, case.codes, strict=True)
    ]
    features = [
        Features(m.spec.name, attributes_of(m), m.layer.geometry)
        for m in case.matched
        if m is not zones and m is not next(case.of_role("projects"), None)
    ]
    return Draft(
        case.codes, multi(case.geoms), zones.of("label"), areas, zones.of("remark"), file_codes,
        recoding.marked(kept(zones), conversion), projects, features, worklist, recoding.notes(conversion, zones),
    )  # fmt: skip


def kept(zones: Matched) -> list[dict[str, Any]]:
    """Fields the profile wants kept beside what the portal understands; empty values are left out."""
    columns = {
        f.name: zones.values(zones.columns[f.name]) for f in zones.spec.fields if f.keep and f.name in zones.columns
    }
    if not columns:
        return [{}] * zones.size
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        for row in zip(*columns.values(), strict=True)
    ]


def attributes_of(matched: Matched) -> list[dict[str, Any]]:
    """Every field of a layer that is kept as it came, row by row, in the file's order; names of people (户主姓名) are not."""
    people = {matched.columns[f.name] for f in matched.spec.fields if f.means == "person" and f.name in matched.columns}
    columns = {str(f): matched.values(f) for f in matched.layer.fields if f not in people}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)] or [
        {} for _ in range(matched.size)
    ]


def multi(geoms: np.ndarray) -> np.ndarray:
    """Every polygon as a multipolygon, as the columns want it."""
    geoms = np.array(geoms, dtype=object)
    single = np.flatnonzero(shapely.get_type_id(geoms) == shapely.GeometryType.POLYGON)
    if len(single):
        geoms[single] = shapely.multipolygons(geoms[single], indices=np.arange(len(single)))
    return geoms


def numbers(matched: Matched, means: str) -> tuple[list[float | None], list[Issue]]:
    """A numeric field of ours; a value that is no number is a warning and counts as empty."""
    values: list[float | None] = []
    issues = []
    for row, value in enumerate(matched.of(means), 1):
        try:
            values.append(None if value is None else float(value))
        except (TypeError, ValueError):
            values.append(None)
            params = {"field": matched.column(means), "value": str(value)[:50], "reason": "not_a_number"}
            issues.append(Issue("S3", "warning", matched.layer.name, row, params, None))
    return values, issues


def read_projects(case: Case) -> tuple[list[dict[str, Any]], list[Issue]]:
    """Projects of the optional project layer; a row without a name is an error."""
    matched = next(case.of_role("projects"), None)
    if matched is None:
        return [], []
    columns = {name: matched.of(name) for name in ("name", "kind", "funding_source", "remark", "state")}
    budgets, issues = numbers(matched, "budget_wan")
    starts, more = numbers(matched, "starts_in")
    ends, rest = numbers(matched, "ends_in")
    issues += more + rest
    projects = []
    for i, geom in enumerate(matched.layer.geometry):
        if columns["name"][i] is None:
            spec = matched.spec.meaning("name")
            params = {"reason": "name_wanted", "field": ", ".join(spec.names) if spec else ""}
            issues.append(Issue("S3", "error", matched.layer.name, i + 1, params, geom))
            continue
        state = case.profile.states.get(str(columns["state"][i] or ""), Project.State.PROPOSED)
        projects.append(
            {
                "name": str(columns["name"][i])[:200],
                "kind": str(columns["kind"][i] or "")[:50],
                "funding_source": str(columns["funding_source"][i] or "")[:100],
                "remark": str(columns["remark"][i] or "")[:255],
                "state": state,
                "budget_wan": money(budgets[i]),
                "starts_in": year(starts[i]),
                "ends_in": year(ends[i]),
                "geom": geom,
            }
        )
    return projects, issues


def money(value: float | None) -> Decimal | None:
    try:
        return None if value is None or not 0 <= value < 10**9 else Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None


def year(value: float | None) -> int | None:
    return int(value) if value is not None and 1900 <= value <= 2200 else None
