"""Every address of the portal, found by walking the resolver, with what its parameters may be filled with."""

import re
from dataclasses import dataclass

from django.urls import get_resolver
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver

from planning.models import PlanVersion
from tests import world


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    app: str


def every_address() -> list[Address]:
    """All but those that are regular expressions: the API's catch-all and the administration's."""
    return list(walk(get_resolver().url_patterns, "/", ""))


def walk(patterns: list[URLPattern | URLResolver], before: str, app: str) -> list[Address]:
    found = []
    for pattern in patterns:
        if not isinstance(pattern.pattern, RoutePattern):
            continue
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += walk(pattern.url_patterns, here, pattern.app_name or app)
        else:
            found.append(Address(pattern.name or here, here, app))
    return found


SAMPLES = {
    "int": "1", "id": "2222222222ab", "uuid": "00000000-0000-0000-0000-000000000000", "code": world.LIUGOU,
    "tilekey": "v23456789abcd-0123456789ab", "path": "1/", "slug": "a", "str": "a",
}  # fmt: skip


def fill(address: Address, version: PlanVersion, **known: str) -> str:
    """The route with real values where a version, village or person is meant, and harmless ones elsewhere."""
    if re.search(r"versions/<\w+:\w+>", address.route):
        known = {"pk": version.pk, "id": version.pk, **known}
    if re.search(r"plans/<\w+:\w+>", address.route):
        known = {"pk": version.plan_id, "id": version.plan_id, **known}

    def value(match: re.Match) -> str:
        kind, name = match[1] or "str", match[2]
        if kind == "code":
            return known.get(name, world.COUNTY if "divisions" in address.route else SAMPLES["code"])
        if name == "username":
            return "villager"
        return str(known.get(name, SAMPLES.get(kind, "a")))

    first = True

    def once(match: re.Match) -> str:
        nonlocal first, known
        text = value(match)
        if first and match[2] in ("pk", "id"):
            first, known = False, {k: v for k, v in known.items() if k not in ("pk", "id")}
        return text

    return re.sub(r"<(?:(\w+):)?(\w+)>", once, address.route)
