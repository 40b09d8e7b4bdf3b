"""The register of nasty files."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Canaries:
    """What no reader may touch: a listener that must stay silent, and a file whose content must never appear."""

    url: str
    secret_file: str


@dataclass(frozen=True)
class Case:
    name: str
    filename: str
    make: Callable[[Canaries], bytes]
    reasons: frozenset[str]

    def __str__(self) -> str:
        return self.name


CASES: list[Case] = []


def nasty(filename: str, *reasons: str) -> Callable:
    """Register a maker under its function's name."""

    def register(make: Callable) -> Callable:
        wrapped = make if make.__code__.co_argcount else lambda _, make=make: make()
        CASES.append(Case(make.__name__, filename, wrapped, frozenset(reasons)))
        return make

    return register
