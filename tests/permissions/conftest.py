"""One village with all its things; what a call changes is taken back, so one scene serves hundreds of calls."""

from types import SimpleNamespace

import pytest

from tests.permissions.people import clients, make_people
from tests.permissions.scene import make_scene


@pytest.fixture
def scene(db) -> SimpleNamespace:
    """People, their browsers and the things they may or may not touch."""
    people = make_people()
    made = make_scene(people)
    made.clients = clients(people)
    return made
