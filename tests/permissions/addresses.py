"""Every address of the portal, read from the resolver, and how to fill it with things of one village."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# addresses that hold nothing of ours, with the reason why no row is asked for
EXEMPT = {
    "admin": "Django's own site; who reaches it at all is the subject of tests/portal/test_side_door.py",
    "api-schema": "the OpenAPI document, the same for everybody",
    "api-docs": "the page of the OpenAPI document, the same for everybody",
    "nowhere": "answers 404 for what is no address of the API",
}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """A pattern of the resolver: its name and its route, such as `versions/<id:pk>/review/`."""

    name: str
    route: str

    @property
    def keys(self) -> list[str]:
        """What fills the route, in order: the literal segment before it and the parameter's name, as `versions:pk`."""
        keys, segment = [], ""
        for part in self.route.split("/"):
            found = PARAMETER.findall(part)
            keys += [f"{segment}:{name}" for name in found]
            segment = segment if found else part
        return keys

    def fill(self, values: dict[str, object]) -> str | None:
        """The address with values put in; None where one is None: there is no such thing."""
        words = [values[key] for key in self.keys]
        if None in words:
            return None
        words = iter(words)
        return "/" + PARAMETER.sub(lambda _match: str(next(words)), self.route)

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")


def walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if (pattern.namespace or "") not in EXEMPT:
                yield from walk(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield before + str(pattern.pattern), pattern


def addresses() -> list[Address]:
    """All of them but the exempted ones, by name; one without a name is a fault."""
    found = []
    for route, pattern in walk(get_resolver().url_patterns):
        name = pattern.name or getattr(pattern.callback, "__name__", "")
        if name not in EXEMPT:
            assert pattern.name, f"an address without a name cannot stand in the matrix: {route}"
            found.append(Address(name, route))
    names = [address.name for address in found]
    assert len(names) == len(set(names)), "two addresses of one name"
    return sorted(found, key=lambda address: address.name)
