"""Profiles of judgement (评价方案): what applies and binds in a village, with limits, rules and where each comes from.

Several profiles fit a village: the country's, its province's, its county's, those for its type and its terrain. They are
merged entry by entry, the general first; docs/indicators.md explains the content. A profile has editions, and an edition
never changes, because versions were judged by it.
"""

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.catalogue import INDICATORS
from indicators.checks import CHECKS
from indicators.compute.standard import Standard, digest_of, read_standard, standard_of
from indicators.models import JudgementProfile
from indicators.profile_faults import problem
from planning.profiles import OFFICIALS, checked_division
from portal.audit import record
from portal.errors import NotAllowed, PortalError
from portal.models import User
from portal.rules import prefixes
from villages.models import Village

SECTIONS = ("indicators", "checks", "sets", "limits", "rules")
WHOLE = ("sets", "limits")
"""sections whose entries are taken whole; those of the others are merged into each other"""
TOLD = ("source", "sample")
NEAR = 0.05
"""share of a limit within which a value is told to be near it, where no profile says"""


@dataclass(frozen=True)
class Merged:
    """What holds in a village: `content` by section, and for each entry (`indicators/11/at_most`) the edition it came from,
    its source, and whether it is a sample. `digest` is of everything a reader of a result is shown."""

    content: Mapping[str, Any]
    origins: Mapping[str, Mapping[str, Any]]
    profiles: tuple[str, ...]
    digest: str


def merged(village: Village, day: datetime.date | None = None) -> Merged:
    """All profiles in force that fit a village, merged from general to specific.

    A division's entries go over those of the division above it; within a division, what is said for a village type or a
    terrain goes over what is said for all. What a profile does not state stays as it is.
    """
    rows = fitting(village, day)
    content: dict[str, Any] = {section: {} for section in SECTIONS}
    origins: dict[str, dict[str, Any]] = {}
    for row in rows:
        stated = {section: row.content.get(section, {}) for section in SECTIONS}
        lay_over(content, stated, "", origin(row), row.content.get("sources", {}), origins)
    settle_homestead(content["rules"], origins, village.terrain)
    digest = digest_of({"content": content, "origins": origins})
    return Merged(content, origins, tuple(name_of(row) for row in rows), digest)


def fitting(village: Village, day: datetime.date | None = None) -> list[JudgementProfile]:
    """The editions that hold for a village on a day, the general first. Of a profile's editions for one division the last
    in force holds, whatever types and terrains the earlier ones were for."""
    above = ["", *(village.code[:n] for n in (2, 4, 6, 9, 12))]
    rows = JudgementProfile.objects.in_force(day or timezone.localdate()).filter(division_code__in=above)
    last = {(row.name, row.division_code): row for row in rows.order_by("edition")}
    fit = [r for r in last.values() if r.village_type in ("", village.type) and r.terrain in ("", village.terrain)]
    return sorted(fit, key=lambda r: (len(r.division_code), bool(r.village_type) + bool(r.terrain), r.name))


def lay_over(
    below: dict[str, Any], above: Mapping[str, Any], path: str, told: Mapping[str, Any], sources: Mapping[str, Any],
    origins: dict[str, Any],
) -> None:  # fmt: skip
    """Put the entries of a profile over those of more general ones, and remember where each is from: what an object says
    of its source holds for all in it, and `sources` names more."""
    for name, value in above.items():
        here = f"{path}/{name}" if path else name
        if name in TOLD and path not in WHOLE:
            continue
        own = {key: value[key] for key in TOLD if key in value} if isinstance(value, dict) else {}
        whose = {**told, **sources.get(here, {}), **own}
        if isinstance(value, dict) and path not in WHOLE:
            below[name] = dict(below[name]) if isinstance(below.get(name), dict) else {}
            lay_over(below[name], value, here, whose, sources, origins)
        else:
            below[name] = value
            origins[here] = whose


def settle_homestead(rules: dict[str, Any], origins: dict[str, Any], terrain: str) -> None:
    """The limit per household, where it is stated by terrain or by person. Where the terrain of a village is not known, the
    largest: nothing is called too large that may be lawful."""
    if rules.get("homestead_m2") is not None:
        return
    by_terrain = rules.get("homestead_by_terrain_m2")
    if by_terrain:
        key = terrain if terrain in by_terrain else max(by_terrain, key=by_terrain.get)
        rules["homestead_m2"] = by_terrain[key]
        origins["rules/homestead_m2"] = origins[f"rules/homestead_by_terrain_m2/{key}"]
    elif (per_person := rules.get("homestead_per_person_m2")) and (most := rules.get("homestead_persons_most")):
        rules["homestead_m2"] = per_person * most
        origins["rules/homestead_m2"] = origins["rules/homestead_per_person_m2"]


def origin(row: JudgementProfile) -> dict[str, Any]:
    return {"profile": name_of(row), "title": row.title, "source": row.source, "sample": row.sample}


def name_of(row: JudgementProfile) -> str:
    return f"{row.name}@{row.edition}"


def standard_for(village: Village, day: datetime.date | None = None) -> Standard:
    """The counting rules that hold for a village: the national file with sets, limits and rules of its profiles.

    Its digest changes with these three only: another target makes no computation stale.
    """
    content = merged(village, day).content
    return standard_with(content)


def standard_with(content: Mapping[str, Any]) -> Standard:
    """The counting rules of merged content, for who has it already."""
    own = {section: content[section] for section in ("sets", "limits", "rules")}
    return _standard(json.dumps(own, sort_keys=True, ensure_ascii=False))


@lru_cache(maxsize=64)
def _standard(text: str) -> Standard:
    own, national = json.loads(text), read_standard()
    both = {section: {**national[section], **own[section]} for section in ("sets", "limits")}
    return standard_of({**national, **both, "rules": laid(national["rules"], own["rules"])})


def laid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Rules over more general ones: objects into each other, everything else in place of what was there."""
    inner = {k: laid(below[k], v) for k, v in above.items() if isinstance(v, dict) and isinstance(below.get(k), dict)}
    return {**below, **above, **inner}


def rule_of(found: Merged, code: str) -> dict[str, Any]:
    """What the profiles say of an indicator, to be kept with its value (IndicatorValue.rule): applies, binding ("binding" or
    "expected"), at_least, at_most (in the unit of the indicator, or None), near (share of the limit within which a value is
    near it), source, sample, profiles (`name@edition`).

    Source and sample are those of the limit; where there is none, of what else is said. A target issued to the village
    (Target) is another thing, and goes before `at_least` and `at_most`.
    """
    default = {"applies": True, "binding": INDICATORS[code].binding, "at_least": None, "at_most": None, "near": NEAR}
    return _rule(found, f"indicators/{code}", default, ("at_least", "at_most", "binding", "applies"))


def check_rule_of(found: Merged, code: str) -> dict[str, Any]:
    """What the profiles say of a check: applies, severity, whatever else stands there, source, sample, profiles."""
    default = {"applies": True, "severity": CHECKS[code].severity if code in CHECKS else "warn"}
    return _rule(found, f"checks/{code}", default, ("severity", "applies"))


def _rule(found: Merged, path: str, default: dict[str, Any], told_by: Iterable[str]) -> dict[str, Any]:
    section, code = path.split("/")
    said = {**default, **found.content[section].get(code, {})}
    own = {key: found.origins[f"{path}/{key}"] for key in said if f"{path}/{key}" in found.origins}
    speaking = next((own[key] for key in told_by if key in own and said[key] is not None), None)
    speaking = speaking or next(iter(own.values()), {})
    return {
        **said,
        "source": speaking.get("source", ""),
        "sample": speaking.get("sample", False),
        "profiles": sorted({told["profile"] for told in own.values()}),
    }


@transaction.atomic
def save(
    *, name: str, title: str, content: Any, by: User | None, division_code: str = "", village_type: str = "",
    terrain: str = "", source: str = "", sample: bool = False, valid_from: datetime.date | None = None,
    valid_to: datetime.date | None = None,
) -> JudgementProfile:  # fmt: skip
    """Store the next edition of a profile, the first if the name is new; no edition is ever overwritten.

    It holds in the division of the official who stores it, for the whole country only if a superuser does. Raises
    NotAllowed for anybody else, PortalError for content that is not right.
    """
    division = division_of(by, division_code)
    if text := problem(content):
        raise PortalError(_("The profile is not right. %(problem)s") % {"problem": text}, code="profile")
    if valid_to is not None and valid_to < (valid_from or timezone.localdate()):
        raise PortalError(_("A profile cannot end before it begins."), code="profile")
    list(JudgementProfile.objects.select_for_update().filter(name=name))
    last = JudgementProfile.objects.filter(name=name).aggregate(last=Max("edition"))["last"] or 0
    profile = JudgementProfile(
        name=name, edition=last + 1, division_code=division, village_type=village_type, terrain=terrain,
        title=title or name, content=content, source=source, sample=sample,
        valid_from=valid_from or timezone.localdate(), valid_to=valid_to, created_by=by,
    )  # fmt: skip
    profile.full_clean(exclude=["content"])  # an edition that says nothing ends a profile
    try:
        with transaction.atomic():
            profile.save(force_insert=True)
    except IntegrityError as error:  # somebody stored the same edition in the same moment
        raise PortalError(
            _("A profile called “%(name)s” was stored in the same moment.") % {"name": name}, code="profile_exists"
        ) from error
    after = {"name": name, "edition": profile.edition, "division": division}
    record("judgement_profile.saved", profile, by=by, after=after)
    return profile


def division_of(by: User | None, asked: str) -> str:
    """The division an edition holds for, as significant digits. Raises NotAllowed if its author has no say there."""
    division = checked_division(asked)
    if by is None or by.is_superuser:
        return division
    own = prefixes(by, OFFICIALS)
    division = division or next(iter(own), "")
    if not division or not any(division.startswith(prefix) for prefix in own):
        raise NotAllowed(_("Only officials of the county may say what applies, for their own division."))
    return division
