"""Profiles (数据库结构与映射方案): which layers and fields a file has, what they mean, how it is judged. Data, not code.

The content is JSON of the form data/profile.schema.json; docs/imports.md explains it. A profile has editions, and an edition
never changes, because versions were imported with it. An edition may hold for a county only; its rules hold for whatever is
handed in there with a profile that has none of its own.
"""

import re
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from planning import schema
from planning.models import LandUseClass, MappingProfile
from planning.profile_faults import problem
from portal.audit import record
from portal.errors import NotAllowed, PortalError
from portal.models import Role, User
from portal.rules import STAFF, division_prefix, prefixes

DEFAULT = "ghydyh"
OFFICIALS = (Role.COUNTY_REVIEWER, Role.COUNTY_LEADER, Role.PROVINCE, Role.ADMINISTRATOR)

__all__ = ["DEFAULT", "by_name", "for_village", "may_add", "may_change_rules", "problem", "save"]


def by_name(name: str) -> schema.Profile:
    """A stored profile: its newest edition for the whole country, or the one asked for as `name@edition`; else PortalError."""
    return typed(edition_of(name).first(), name)


def for_village(name: str, village_code: str) -> schema.Profile:
    """The edition a file of this village is judged with: the newest of the smallest division the village lies in.

    Rules are always those in force there: the newest of this profile, or where it has none those of the default profile.
    Neither an older edition nor a mapping somebody made for a file takes the county's levels away.
    """
    own = typed(_applying(name, village_code), name)
    in_force = (_applying(wanted, village_code) for wanted in (own.name, DEFAULT))
    rules = next((r for found in in_force if found and (r := schema.of(found.content).rules)), {})
    return replace(own, content={**own.content, "rules": rules})


def _applying(name: str, village_code: str) -> MappingProfile | None:
    above = ["", *(village_code[:n] for n in (2, 4, 6, 9, 12))]
    editions = edition_of(name).filter(division_code__in=[*above, *(p.ljust(12, "0") for p in above[1:])])
    return max(editions, key=lambda e: (len(division_prefix(e.division_code)), e.edition), default=None)


def edition_of(name: str) -> Any:
    """The editions a name or `name@edition` means, those for the whole country first, the newest first."""
    wanted, _at, edition = (name or DEFAULT).partition("@")
    editions = MappingProfile.objects.filter(name=wanted).order_by(Length("division_code"), "-edition")
    if not _at:
        return editions
    return editions.filter(edition=int(edition)) if re.fullmatch(r"[0-9]{1,4}", edition) else editions.none()


def typed(found: MappingProfile | None, name: str) -> schema.Profile:
    if found is None:
        raise PortalError(_("There is no mapping profile called “%(name)s”.") % {"name": name}, code="profile")
    return schema.of(found.content, found.name, found.edition)


@transaction.atomic
def save(
    *, name: str, title: str, content: Any, by: User | None, division_code: str = "", source: str = "",
    new: bool = False,
) -> MappingProfile:  # fmt: skip
    """Store the next edition of a profile, the first if the name is new; no edition is ever overwritten.

    `new`: refuse a name that is taken. Rules, and editions of what others made, hold in the division of the official who
    stores them; raises NotAllowed for anybody else.
    """
    if by is not None and not may_add(by):
        raise NotAllowed(_("Only planners and officials may store mapping profiles."))
    if text := problem(content):
        raise PortalError(_("The mapping profile is not right. %(problem)s") % {"problem": text}, code="profile")
    earlier = list(MappingProfile.objects.select_for_update().filter(name=name).order_by("-edition"))
    if earlier and new:
        raise taken(name)
    division = division_of(by, division_code, content, earlier)
    last = MappingProfile.objects.filter(name=name).aggregate(last=Max("edition"))["last"] or 0
    profile = MappingProfile(
        name=name, edition=last + 1, division_code=division, title=title or name, content=content,
        source=source[:200], created_by=by,
    )  # fmt: skip
    profile.full_clean()
    try:
        with transaction.atomic():
            profile.save(force_insert=True)
    except IntegrityError as error:  # somebody stored the same edition in the same moment
        raise taken(name) from error
    record("profile.saved", profile, by=by, after={"name": name, "edition": profile.edition, "division": division})
    return profile


def taken(name: str) -> PortalError:
    return PortalError(_("A mapping profile called “%(name)s” exists already.") % {"name": name}, code="profile_exists")


def division_of(by: User | None, asked: str, content: dict[str, Any], earlier: list[MappingProfile]) -> str:
    """The division an edition holds for. Raises NotAllowed if its author has no say there."""
    division = checked_division(asked)
    if by is None or by.is_superuser:
        return division
    own = not earlier or all(e.created_by_id == by.pk for e in earlier)
    if own and not division and not content.get("rules"):
        return ""
    division = division or next(iter(prefixes(by, OFFICIALS)), "")
    if not may_change_rules(by, division):
        if content.get("rules"):
            raise NotAllowed(_("Only the county may change levels and tolerances of the quality rules."))
        raise NotAllowed(_("Only who made a profile, or an official for the own division, may store another edition."))
    return division


def checked_division(asked: str) -> str:
    """The significant digits of a division code, empty for the whole country; else PortalError."""
    division = division_prefix(asked) if len(asked) == 12 else asked
    if not re.fullmatch(r"([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?", division):
        raise PortalError(_("“%(code)s” is no division code.") % {"code": asked[:20]}, code="division")
    return division


def may_add(user: User) -> bool:
    """Planners, committees and officials of any division; nobody else."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or any(m.role in STAFF for m in user.active_memberships())


def may_change_rules(user: User, division_code: str) -> bool:
    """Officials of the county and above, in their own division: whoever hands in a plan must not switch its checks off."""
    return bool(division_code) and any(division_code.startswith(prefix) for prefix in prefixes(user, OFFICIALS))


def known_codes() -> frozenset[str]:
    """Codes of the 2023 edition, administrators' additions included."""
    return frozenset(LandUseClass.objects.filter(code_version="2023").values_list("code", flat=True))
