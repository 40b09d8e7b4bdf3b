"""Several people draw at the same moment: every step lands once, in an order, and none is lost."""

import threading

import pytest
from django.db import connection

from planning import drawing_steps, drawings
from portal.errors import Conflict
from tests import world
from tests.planning.drawing_case import at

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def at_once(works) -> list:
    """Run functions in threads that start together; what each answered, or the conflict it met."""
    barrier, answers = threading.Barrier(len(works)), []

    def run(work) -> None:
        try:
            barrier.wait(10)
            answers.append(work())
        except Conflict as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    return answers


def test_steps_at_the_same_moment_land_one_after_the_other():
    people, village = world.make_cast(), world.make_village()
    version = world.make_version(village, by=people.planner)
    drawing = drawings.begin(village, by=people.planner, start="version", version=version)

    def step(by, key, **body):
        return lambda: drawing_steps.take(drawing.pk, by=by, body={"revision": 0, "key": key, **body})

    both = (people.planner, people.committee)
    works = [step(both[n % 2], f"set{n}", kind="set", zones=[n], code="0301") for n in range(1, 6)]
    works += [step(people.planner, "once", kind="set", zones=[7], label="a") for _ in range(3)]
    answers = at_once(works)
    assert [a for a in answers if isinstance(a, Conflict)] == []
    assert list(drawing.steps.values_list("revision", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert drawing.zones.filter(code="0301").count() == 5 + 2  # rows 6 and 7 were forest before
    assert drawing.zones.get(number=7).label == "a"

    works = [step(by, f"m{n}", kind="move", moves=[[at(5, 9), at(5, 9.2 + n / 10)]]) for n, by in enumerate(both)]
    answers = at_once(works)
    lost = [a for a in answers if isinstance(a, Conflict)]
    assert [error.code for error in lost] == ["changed_meanwhile"]
    assert drawing.steps.count() == 7
