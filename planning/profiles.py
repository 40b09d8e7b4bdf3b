"""Mapping profiles (映射方案): which layer and which fields of a file mean what, and how its codes translate.

The content is JSON of the form data/profile.schema.json; docs/imports.md explains it. `data/profile_ghydyh.json` is the
default for the layer GHYDYH with the code in YDYHFLDM.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from django.db import transaction
from django.utils.translation import gettext as _

from planning import schema
from planning.models import LandUseClass, MappingProfile
from portal.audit import record
from portal.errors import NotAllowed, PortalError
from portal.models import Role, User

DATA = Path(__file__).resolve().parent / "data"
DEFAULT = "ghydyh"


@cache
def json_schema(format: int) -> dict[str, Any]:
    name = "profile_format1.schema.json" if format == 1 else "profile.schema.json"
    return json.loads((DATA / name).read_text("utf-8"))


def problem(content: Any) -> str | None:
    """What is wrong with a profile's content, naming the place; None if it is good."""
    wanted = json_schema(1 if isinstance(content, dict) and content.get("format") == 1 else 2)
    errors = sorted(jsonschema.Draft202012Validator(wanted).iter_errors(content), key=lambda e: list(map(str, e.path)))
    if not errors:
        return None
    place = "/".join(str(p) for p in errors[0].path) or "/"
    return f"{place}: {errors[0].message[:200]}"


def by_name(name: str) -> schema.Profile:
    """A stored profile: the newest edition of that name, or the one asked for as `name@edition`; else PortalError."""
    wanted, _at, edition = (name or DEFAULT).partition("@")
    editions = MappingProfile.objects.filter(name=wanted)
    found = (editions.filter(edition=int(edition)) if edition.isdigit() else editions.newest()).first()
    if found is None or (edition and not edition.isdigit()):
        raise PortalError(_("There is no mapping profile called “%(name)s”.") % {"name": name}, code="profile")
    return schema.of(found.content, found.name, found.edition)


@transaction.atomic
def save(*, name: str, title: str, content: Any, by: User | None) -> MappingProfile:
    """Store a new profile; an existing one is never overwritten, because versions were imported with it."""
    if by is not None and not may_add(by):
        raise NotAllowed(_("Only planners and officials may store mapping profiles."))
    if text := problem(content):
        raise PortalError(_("The mapping profile is not right. %(problem)s") % {"problem": text}, code="profile")
    if content.get("rules") and by is not None and not may_change_rules(by):
        raise NotAllowed(_("Only the county may change levels and tolerances of the quality rules."))
    if MappingProfile.objects.filter(name=name).exists():
        raise PortalError(
            _("A mapping profile called “%(name)s” exists already.") % {"name": name}, code="profile_exists"
        )
    profile = MappingProfile(name=name, title=title or name, content=content, created_by=by)
    profile.full_clean()
    profile.save()
    record("profile.saved", profile, by=by, after={"name": name})
    return profile


def may_add(user: User) -> bool:
    """Planners, committees and officials of any division; residents may not."""
    return any(m.role != "resident" for m in user.active_memberships()) if user.is_authenticated else False


def may_change_rules(user: User) -> bool:
    """Whoever hands in a plan must not be able to switch its checks off."""
    officials = (Role.COUNTY_REVIEWER, Role.COUNTY_LEADER, Role.PROVINCE, Role.ADMINISTRATOR)
    return any(m.role in officials for m in user.active_memberships())


def known_codes() -> frozenset[str]:
    """Codes of the 2023 edition, administrators' additions included."""
    return frozenset(LandUseClass.objects.filter(code_version="2023").values_list("code", flat=True))
