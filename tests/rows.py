"""Rows that many tests start from: made once, kept in an open transaction, and gone back to before the next test.

`@shared` above a fixture says that it only makes rows. The rows of `cast`, `village`, `version`, … are levels of one
transaction, each a savepoint on the one before. A test starts on exactly the levels its fixtures name: what the test before
needed beyond them is taken back, what is missing is made. What the test itself writes is taken back as ever, and its
objects are copies, so no test sees another. Tests that commit (transaction=True) make their rows themselves.
"""

import copy
import functools
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

SHARED: list[Callable] = []  # in the order of their definition, which is the order of levels


def shared(function: Callable) -> Callable:
    """A fixture that makes rows from `db` and other shared fixtures, and from nothing else."""
    signature = inspect.signature(function)
    request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)

    @functools.wraps(function)
    def fixture(request: pytest.FixtureRequest, **given: Any) -> Any:
        mine = request.node.stash.get(COPIES, {})
        return mine[fixture] if fixture in mine else function(**given)

    fixture.__signature__ = signature.replace(parameters=[request, *signature.parameters.values()])
    fixture.makes, fixture.needs = function, [name for name in signature.parameters if name != "db"]
    SHARED.append(fixture)
    return pytest.fixture(fixture)


COPIES = pytest.StashKey[dict[Callable, Any]]()


def of(item: pytest.Item, name: str) -> Callable | None:
    """The shared fixture that a test means by a name, if it is one and rests on shared ones alone."""
    found = item._fixtureinfo.name2fixturedefs.get(name, ())
    fixture = found[-1].func if found else None
    if getattr(fixture, "makes", None) and all(of(item, needed) for needed in fixture.needs):
        return fixture
    return None


def levels_of(item: pytest.Item) -> list[Callable]:
    """What a test starts from. A test that moves the clock makes its rows by that clock, after it was moved."""
    if "time_machine" in item.fixturenames or item.get_closest_marker("own_rows"):
        return []
    return sorted({f for name in item.fixturenames if (f := of(item, name))}, key=SHARED.index)


class Levels:
    """The open transaction: for each level its savepoint, and the objects as they were when it was made."""

    def __init__(self) -> None:
        self.made: list[Callable] = []
        self.savepoints: list[transaction.Atomic] = []
        self.objects: list[dict[Callable, Any]] = [{}]

    def reach(self, item: pytest.Item, wanted: list[Callable]) -> dict[Callable, Any]:
        """Take back what is too much, make what is missing, and hand out copies."""
        common = 0
        while common < min(len(self.made), len(wanted)) and self.made[common] is wanted[common]:
            common += 1
        if self.savepoints and not transaction.get_connection().in_atomic_block:
            raise RuntimeError("a test has closed the connection that holds the shared rows")
        self.back_to(common)
        for fixture in wanted[common:]:
            self.make(item, fixture)
        return copy.deepcopy(self.objects[-1])

    def make(self, item: pytest.Item, fixture: Callable) -> None:
        atomic = transaction.atomic()
        atomic._from_testcase = True  # as Django's own: code that asks for a durable block gets one
        atomic.__enter__()
        self.savepoints.append(atomic)
        objects = copy.deepcopy(self.objects[-1])
        given = {name: objects[of(item, name)] for name in fixture.needs}
        if "db" in inspect.signature(fixture.makes).parameters:
            given["db"] = None
        objects[fixture] = fixture.makes(**given)
        self.made.append(fixture)
        self.objects.append(objects)

    def back_to(self, level: int) -> None:
        while len(self.savepoints) > level:
            transaction.set_rollback(True)
            self.savepoints.pop().__exit__(None, None, None)
        del self.made[level:], self.objects[level + 1 :]
