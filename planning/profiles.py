"""Mapping profiles (映射方案): which layer and which fields of a file mean what, and how its codes translate.

The content is JSON of the form data/profile.schema.json; docs/imports.md explains it. `data/profile_ghydyh.json` is the
default for the layer GHYDYH with the code in YDYHFLDM.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from django.db import transaction
from django.utils.translation import gettext as _

from planning.models import LandUseClass, MappingProfile
from portal.audit import record
from portal.errors import NotAllowed, PortalError
from portal.models import Role, User

DATA = Path(__file__).resolve().parent / "data"
DEFAULT = "ghydyh"


@cache
def schema() -> dict[str, Any]:
    return json.loads((DATA / "profile.schema.json").read_text("utf-8"))


def problem(content: Any) -> str | None:
    """What is wrong with a profile's content, naming the place; None if it is good."""
    errors = sorted(
        jsonschema.Draft202012Validator(schema()).iter_errors(content), key=lambda e: list(map(str, e.path))
    )
    if not errors:
        return None
    place = "/".join(str(p) for p in errors[0].path) or "/"
    return f"{place}: {errors[0].message[:200]}"


def by_name(name: str) -> dict[str, Any]:
    """The content of a stored profile; PortalError if there is none."""
    try:
        return MappingProfile.objects.get(name=name or DEFAULT).content
    except MappingProfile.DoesNotExist:
        raise PortalError(
            _("There is no mapping profile called “%(name)s”.") % {"name": name}, code="profile"
        ) from None


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


@dataclass
class Mapping:
    """A profile applied to the layers of one file: the layer found and the column for each of our fields."""

    layer: Any
    columns: dict[str, str] = field(default_factory=dict)

    def values(self, name: str) -> list[Any]:
        """Values of one of our fields, row by row; None where the file has no such field or an empty value."""
        if name not in self.columns:
            return [None] * len(self.layer.rows)
        return [clean(v) for v in self.layer.rows[self.columns[name]].tolist()]


def clean(value: Any) -> Any:
    """Text stripped of blanks and control characters; empty text, NaN and NaT become None."""
    if isinstance(value, str):
        value = "".join(c for c in value if c.isprintable()).strip()
        return value or None
    return None if value is None or value != value else value


def find_layer(layers: Sequence[Any], part: dict[str, Any]) -> Any | None:
    """The first layer with one of the profile's names (case ignored); a file's only layer if the profile says `single`."""
    by_lower = {layer.name.lower(): layer for layer in layers}
    for name in part["layers"]:
        if name.lower() in by_lower:
            return by_lower[name.lower()]
    return layers[0] if part.get("single") and len(layers) == 1 else None


def apply(layer: Any, part: dict[str, Any]) -> Mapping:
    """Find the columns of the profile's fields in a layer (case ignored, first name that is there)."""
    by_lower = {str(f).lower(): str(f) for f in layer.fields}
    columns = {}
    for ours, names in part["fields"].items():
        found = next((by_lower[n.lower()] for n in names if n.lower() in by_lower), None)
        if found is not None:
            columns[ours] = found
    return Mapping(layer, columns)


def translate(values: Sequence[Any], codes: dict[str, str]) -> list[str | None]:
    """File values to class codes: by the profile's table where it has the value, else as they stand."""
    return [None if v is None else codes.get(as_code(v), as_code(v)) for v in values]


def as_code(value: Any) -> str:
    """A code as text: 1001.0 out of a numeric field is the code 1001."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def known_codes() -> frozenset[str]:
    """Codes of the 2023 edition, administrators' additions included."""
    return frozenset(LandUseClass.objects.filter(code_version="2023").values_list("code", flat=True))
