"""Fifty people do the same thing at the same moment: exactly one of them does it, the others are told so, nothing breaks.

`./run races 200` runs two hundred rounds of each race; the test run one.
"""

import datetime
import fcntl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError, connections
from django.utils import timezone

from planning import answers, decisions, participation, returns, reviews, waivers, workflow
from planning.models import (
    Comment,
    Decision,
    Finding,
    ItemAnswer,
    Notice,
    Opinion,
    OpinionAnswer,
    PlanVersion,
    Step,
    Waiver,
    WorkflowRule,
)
from portal.errors import Conflict, spoken
from portal.models import AuditEntry, Membership, User
from tests import world
from tests.grid import cell, geos

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
RUNNERS = 50
PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF"


class Race:
    """What one round needs: the version, who may act, and how the result is judged."""

    def __init__(self, cast: Any, village: Any) -> None:
        self.cast, self.village = cast, village

    def version(self, state: str) -> PlanVersion:
        """A fresh version of the village in a state; what is older gives its place."""
        return world.advance(world.make_version(self.village, by=self.cast.planner), state)

    def crowd(self, name: str) -> list[User]:
        """Fifty people of one role: nobody is quicker because the others wait for the row of their account."""
        role, code, _full_name = world.CAST[name]
        people = []
        for number in range(RUNNERS):
            user, new = User.objects.get_or_create(username=f"{name}-{number}")
            if new:
                Membership.objects.create(user=user, role=role, division_code=code)
            people.append(user)
        return people


def run(acts: list[Callable[[], Any]]) -> list[Any]:
    """Start all acts at one moment, each with a connection of its own; answers what each returned or raised."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def runner(number: int) -> None:
        try:
            connect()
            start.wait(timeout=120)
            results[number] = acts[number]()
        except BaseException as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=runner, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def connect() -> None:
    """A connection of this thread; others may hold so many that one must wait."""
    for _try in range(100):
        try:
            connections["default"].ensure_connection()
            return
        except OperationalError:
            time.sleep(0.5)
    raise AssertionError("the database has no connection to spare")


def judge(results: list[Any]) -> list[Any]:
    """Nothing broke, and whoever lost was told why in words; answers what the winners got."""
    failed = [result for result in results if isinstance(result, BaseException)]
    told = [spoken(error) for error in failed]
    broken = [error for error, words in zip(failed, told, strict=True) if not isinstance(words, Conflict)]
    assert not broken, Counter(f"{type(error).__name__}: {error}"[:200] for error in broken)
    assert all(str(error.message) for error in told)
    return [result for result in results if not isinstance(result, BaseException)]


def approve_or_return(race: Race) -> None:
    version = race.version("submitted")
    world.write_decision(version)
    leaders = race.crowd("leader")
    acts = [
        lambda user=user, n=n: (
            world.send_back(version, by=user) if n % 2 else workflow.move(version, "approve", by=user)
        )
        for n, user in enumerate(leaders)
    ]
    winners = judge(run(acts))
    assert len(winners) == 1
    assert Step.objects.filter(version=version, to_state__in=("approved", "returned")).count() == 1
    verbs = ("version.approve", "version.return")
    assert AuditEntry.objects.filter(object_id=version.pk, verb__in=verbs).count() == 1


def open_notice(race: Race) -> None:
    version = race.version("assembly")
    world.hold_assembly(version)
    acts = [lambda user=user: workflow.move(version, "open_notice", by=user) for user in race.crowd("township")]
    assert len(judge(run(acts))) == 1
    assert Notice.objects.filter(version=version).count() == 1


def close_notice(race: Race) -> None:
    version = race.version("notice")
    acts = [lambda user=user: workflow.move(version, "close_notice", by=user) for user in race.crowd("township")]
    assert len(judge(run(acts))) == 1
    assert Step.objects.filter(version=version, name="close_notice").count() == 1


def publish(race: Race) -> None:
    version = race.version("approved")
    acts = [lambda user=user: workflow.move(version, "publish", by=user) for user in race.crowd("township")]
    assert len(judge(run(acts))) == 1
    assert Step.objects.filter(version=version, name="publish").count() == 1


def say_once(race: Race) -> None:
    """One key is one comment: here all are told the same, nobody loses."""
    version, key = race.version("notice"), f"key-{timezone.now().timestamp()}"
    acts = [
        lambda: participation.post_comment(version, by=race.cast.villager, text="路太窄", once=key)
        for _n in range(RUNNERS)
    ]
    winners = judge(run(acts))
    assert len(winners) == RUNNERS
    assert len({comment.pk for comment in winners}) == 1
    assert Comment.objects.filter(version=version).count() == 1
    assert AuditEntry.objects.filter(verb="comment.posted", object_id=winners[0].pk).count() == 1
    answers.answer(winners[0], by=race.cast.committee, text="好", adoption="explained")


def answer_opinion(race: Race) -> None:
    version = race.version("joint_review")
    request = world.ask_agriculture(version)
    opinion = Opinion.objects.create(
        request=request, version=version, author=race.cast.agriculture, stance="object", text="占用耕地"
    )
    acts = [
        lambda user=user, n=n: reviews.answer(opinion, by=user, outcome=("adopted", "not")[n % 2], reason="理由")
        for n, user in enumerate(race.crowd("committee"))
    ]
    assert len(judge(run(acts))) == 1
    assert OpinionAnswer.objects.filter(opinion=opinion).count() == 1
    assert AuditEntry.objects.filter(verb="review.opinion_answered", object_id=opinion.pk).count() == 1


def decide_waiver(race: Race) -> None:
    version = world.make_version(race.village, by=race.cast.planner)
    key = f"K1-{version.pk}".ljust(64, "0")
    finding = Finding.objects.create(
        version=version, number=1, code="K1", severity="block", category="real", found_as="real", key=key,
        area_m2=5000, geom=geos(cell(0, 0)), zone=version.zones.first(),
    )  # fmt: skip
    document = ContentFile(PDF, "意见.pdf")
    waiver = waivers.propose(
        finding, reason="线性工程", document=document, document_number="鲁1号", by=race.cast.reviewer
    )
    acts = [
        lambda user=user, n=n: (waivers.confirm, waivers.refuse)[n % 2](waiver, by=user, note="理由")
        for n, user in enumerate(race.crowd("leader"))
    ]
    assert len(judge(run(acts))) == 1
    waiver.refresh_from_db()
    assert waiver.state in (Waiver.State.CONFIRMED, Waiver.State.REFUSED)
    verbs = ("waiver.confirmed", "waiver.refused")
    assert AuditEntry.objects.filter(object_id=waiver.pk, verb__in=verbs).count() == 1


def settle_point(race: Race) -> None:
    """The county accepts the answer to a point of a return: once. (An answer itself may be said anew until then.)"""
    version = race.version("notice")
    returns.return_with_items(version, [{"text": "请修改", "page": "3"}], by=race.cast.reviewer, note="请修改")
    item = version.return_items.get()
    following = world.make_version(race.village, by=race.cast.planner)
    returns.answer(item, following, by=race.cast.committee, accepted=True)
    world.advance(following, "round1")
    acts = [lambda user=user: returns.settle(item, by=user, accepted=True) for user in race.crowd("reviewer")]
    assert len(judge(run(acts))) == 1
    assert ItemAnswer.objects.filter(item=item, settled=True).count() == 1
    assert AuditEntry.objects.filter(verb="return_item.settled", object_id=following.pk).count() == 1


def take_a_number(race: Race) -> None:
    """Fifty leaders give two letters the same number: it stands under one of them."""
    first = race.version("submitted")
    number = f"肥政字〔2026〕{timezone.now().timestamp()}号"
    other_village = race.other
    second = world.advance(world.make_version(other_village, by=race.cast.planner), "submitted")
    today = timezone.localdate()
    acts = [
        lambda user=user, n=n: decisions.write((first, second)[n % 2], by=user, number=number, decided_on=today)
        for n, user in enumerate(race.crowd("leader"))
    ]
    winners = judge(run(acts))
    assert len({decision.version_id for decision in winners}) == 1
    assert Decision.objects.filter(number=number).count() == 1


RACES = {
    race.__name__: race
    for race in (
        approve_or_return, open_notice, close_notice, publish, say_once, answer_opinion, decide_waiver, settle_point,
        take_a_number,
    )
}  # fmt: skip


@pytest.fixture
def _alone():
    """Two races at once, in two processes of the test run, would want more connections than the database has."""
    with (Path(tempfile.gettempdir()) / "portal-races.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture
def race(_alone, cast, village, settings) -> Race:
    settings.DEMO = True  # where a notice may close early
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
    made = Race(cast, village)
    made.other = world.make_village(world.OTHER, col=20)
    Membership.objects.create(user=cast.planner, role="planner", division_code=world.OTHER)
    return made


@pytest.mark.parametrize("name", RACES)
def test_of_fifty_at_once_exactly_one_does_it(name, race, request):
    rounds, began = request.config.getoption("--rounds"), timezone.now()
    for _round in range(rounds):
        RACES[name](race)
    print(
        f"race {name}: {rounds} rounds of {RUNNERS} in {(timezone.now() - began) / datetime.timedelta(seconds=1):.1f} s"
    )
