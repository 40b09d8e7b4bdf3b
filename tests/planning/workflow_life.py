"""One life of a plan, for the machine of test_workflow_machine.py: what holds it together, and the steps people make.

What people put on record, residents, intruders and the invariants stand there.
"""

import datetime
from collections import Counter
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from planning import amendments, returns, workflow, writing
from planning.judging import Draft
from planning.models import PlanVersion
from portal.errors import PortalError
from portal.models import AuditEntry, AuditLink, Membership, Person, User
from tests import world
from tests.planning import workflow_model as model

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGIN = datetime.datetime(2026, 6, 1, 10, tzinfo=SHANGHAI)
STEPS_A_LIFE = 50
PEOPLE = [*world.CAST, ""]  # "" is the portal itself
LAYOUTS = {"as before": 0, "changed": 1}
ASIDE = ("supersede", "return", "withdraw", "vote_down")  # steps that lead off the way
DEPARTMENTS = ["agriculture", "water", "forestry"]

people = st.sampled_from(PEOPLE)
notes = st.sampled_from(["", "  ", "压占永久基本农田，请修改。"])
picks = st.integers(0, 3)


class Life(RuleBasedStateMachine):
    """One life: a village, up to a handful of versions of its plan, fifty things that happen to them."""

    clock = cast = village = None
    happened: Counter = Counter()

    @initialize()
    def begin(self) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now, self.plan, self.ids, self.kept = BEGIN, model.Plan(), [], {}
        self.offices = {name: role for name, (role, *_rest) in world.CAST.items()}
        self.roles = {name: [role] for name, (role, *_rest) in world.CAST.items()}
        self.requests: list[tuple[str, model.Version, model.Asked]] = []
        self.opinions: list[tuple[str, model.Asked]] = []
        self.wrote: Counter = Counter()
        self.shown = False
        self.tick()
        Person.objects.create(user=self.cast.villager, verified_at=self.now)

    def teardown(self) -> None:
        if not hasattr(self, "savepoint"):
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            assert AuditLink.objects.count() == AuditEntry.objects.count(), "an entry stands outside the chain"
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def tick(self, **later: int) -> None:
        """Each thing happens a second after the one before."""
        self.now += datetime.timedelta(**(later or {"seconds": 1}))
        self.clock.move_to(self.now, tick=False)

    @property
    def today(self) -> datetime.date:
        return self.now.astimezone(SHANGHAI).date()

    def pick(self, number: int) -> tuple[model.Version, PlanVersion]:
        """One of the versions, counted from the newest."""
        known = self.plan.versions[-1 - number % len(self.plan.versions)]
        return known, PlanVersion.objects.with_plan().get(pk=self.ids[known.number - 1])

    def person(self, name: str) -> User | None:
        return User.objects.get(pk=getattr(self.cast, name).pk) if name else None

    def role(self, name: str) -> str:
        """The role a person holds over the village today."""
        if not name:
            return model.SYSTEM
        return self.roles[name][0] if name not in ("other_committee", "stranger") and self.roles[name] else ""

    def attempt(self, call, against: set[str], expected_records: int) -> bool:
        """Do something: it must succeed exactly if nothing stands against it, and be on the record exactly if it did."""
        self.tick()
        before = AuditEntry.objects.count()
        refused = None
        try:
            with transaction.atomic():
                call()
        except PortalError as error:
            refused = error
        if refused is not None:
            reason = refused.code
            assert against, f"refused ({reason}): {refused.message}"
            assert reason in against, f"refused as {reason}, expected one of {against}"
            assert AuditEntry.objects.count() == before, "a refused act is on the record as if it were done"
            self.happened[f"refused: {reason}"] += 1
            return False
        assert not against, f"done in spite of {against}"
        written = AuditEntry.objects.count() - before
        assert written >= max(1, expected_records), "something changed without a record"
        return True

    # --- what planners, officials and the calendar do

    @rule(
        by=st.sampled_from(["planner"] * 6 + ["committee", "committee", "leader", "reviewer"]),
        layout=st.sampled_from(list(LAYOUTS)), clean=st.sampled_from([True] * 7 + [False]), again=st.sampled_from([False] * 3 + [True]),
        track=st.sampled_from(["full", "local", "local", "maintenance"]),
    )  # fmt: skip
    @precondition(lambda self: len(self.plan.versions) < 6)
    def hand_in(self, by: str, layout: str, clean: bool, again: bool, track: str) -> None:
        versions = self.plan.versions
        if versions and not again and versions[-1].state in ("draft", "round1"):
            return
        shape = (int(versions[-1].layout) if versions else 0) + LAYOUTS[layout]
        report = {} if clean else {"rules": [{"code": "L1", "errors": 2}]}
        replaced = [v for v in versions if v.state == "draft"]
        made: list[PlanVersion] = []
        assert self.attempt(
            lambda: made.append(writing.write(draft(shape), self.village, by=self.person(by), report=report)),
            set(), 1 + len(replaced),
        )  # fmt: skip
        for old in replaced:
            old.state, old.steps = "superseded", old.steps + 1
        versions.append(model.Version(len(versions) + 1, by, layout=str(shape), clean=clean, steps=1))
        self.ids.append(made[0].pk)
        self.kept[made[0].pk] = (made[0].digest, made[0].layout)
        self.happened["hand_in"] += 1
        if any(v.state == "in_force" for v in versions):
            self.choose_track(0, track, "township")

    @rule(number=picks, track=st.sampled_from(["full", "local", "maintenance"]), who=people.filter(bool))
    @precondition(lambda self: any(v.state == "in_force" for v in self.plan.versions))
    def choose_track(self, number: int, track: str, who: str) -> None:
        known, version = self.pick(number)
        against = self.plan.against_track(known, track, self.role(who))
        if self.attempt(lambda: amendments.choose_track(version, track, by=self.person(who)), against, 1):
            before = self.plan.in_force(known)
            known.track, known.amends = track, before.number if before else 0
            self.happened[f"track {track}"] += 1

    @rule(number=picks, name=st.sampled_from(model.NAMES), who=people, note=notes, points=st.integers(0, 2))
    @precondition(lambda self: self.plan.versions)
    def try_a_step(self, number: int, name: str, who: str, note: str, points: int) -> None:
        self.step(number, name, who, note, points)

    def step(self, number: int, name: str, who: str, note: str, points: int = 1) -> bool:
        """Try a step; a return brings its points, or none."""
        known, version = self.pick(number)
        against = self.plan.against(known, name, who, self.role(who), note, self.today, points)
        row = self.plan.row(known, name)
        replaced = len(self.plan.overtaken(known, row.target)) if row else 0

        def make() -> None:
            if name == "return" and points:
                said = [{"page": "3", "text": "请修改"}] * points
                returns.return_with_items(version, said, by=self.person(who), note=note)
            else:
                workflow.move(version, name, by=self.person(who), note=note)

        done = self.attempt(make, against, 1 + replaced)
        if done:
            self.plan.make(known, name, who, self.today, points)
            self.happened[f"{name} {known.track}"] += 1
        return done

    # --- offices

    @rule(leads=st.booleans())
    def lead_the_county(self, leads: bool) -> None:
        """Whoever submitted plans for the township becomes a leader of the county, or goes back."""
        role, code = ("county_leader", world.COUNTY) if leads else world.CAST["township"][:2]
        Membership.objects.filter(user=self.cast.township).update(role=role, division_code=code)
        self.offices["township"] = role
        self.roles["township"] = [role] if self.roles["township"] else []

    # --- steps in a row

    ANY_OPEN = precondition(lambda self: any(v.state not in model.ENDED for v in self.plan.versions))

    @rule(number=picks, times=st.sampled_from([1, 3, 6]), which=st.integers(0, 11))
    @ANY_OPEN
    def a_few_steps(self, number: int, times: int, which: int) -> None:
        self.go_on(number, times, which)

    @rule(which=st.integers(0, 11))
    @ANY_OPEN
    def the_whole_way(self, which: int) -> None:
        self.go_on(0, 20, which)

    @rule(
        number=picks, times=st.integers(0, 7), which=st.integers(0, 11), note=notes, points=st.integers(0, 2),
        name=st.sampled_from(["return", "return", "vote_down", "withdraw"]),
    )  # fmt: skip
    @ANY_OPEN
    def some_way_and_back(self, number: int, times: int, which: int, note: str, points: int, name: str) -> None:
        self.go_on(number, times, which)
        self.turn_back(number, name, note, points)

    def go_on(self, number: int, times: int, which: int) -> None:
        """What people mostly do: bring what the next step asks for and make it, some steps in a row."""
        for _time in range(times):
            known, _version = self.pick(number)
            rows = [
                r for r in model.TABLE
                if known.state in r.sources and known.track in r.tracks and r.name not in ASIDE
            ]  # fmt: skip
            if not rows:
                return
            row = rows[which % len(rows)]
            for gate in row.gates:
                if not self.plan.holds(gate, known, self.today):
                    self.bring(gate, number)
            if which % 3 == 0 and model.SYSTEM not in row.who:
                self.step(number, row.name, "", "理由")  # nothing but the person is missing
            able = [n for n in PEOPLE if self.role(n) in row.who and n != known.approved_by]
            if row.target == "approved" and which % 4 == 1:
                self.lead_the_county(True)
                done = self.step(number, row.name, "township", "理由")
                self.lead_the_county(False)
                if done:
                    continue
            if row.target == "approved":
                able = [n for n in able if not self.plan.own(known, n)]
            if not able or not self.step(number, row.name, able[which % len(able)], "理由"):
                return
            self.happened["steps"] += 1
            if row.target == "notice" and which % 2:
                self.comment(number, "villager")

    def turn_back(self, number: int, name: str, note: str, points: int) -> None:
        """Whoever may takes a version off the way."""
        known, _version = self.pick(number)
        row = self.plan.row(known, name)
        able = [n for n in PEOPLE if row and self.role(n) in row.who]
        if able and known.state in row.sources:
            if name == "vote_down" and known.votes[-1:] != [False]:
                self.vote(number, "no quorum")
            self.step(number, name, able[0], note, points)


def draft(shape: int) -> Draft:
    """Two zones whose layout is told by a number."""
    geoms = np.array([square(0, 5), square(5, 5 - shape * 0.01)], object)
    empty = ["", ""]
    return Draft(["0102", "070301"], geoms, ["Z1", "Z2"], [None, None], empty, empty, [{}, {}])


def square(row: float, height: float) -> shapely.MultiPolygon:
    return shapely.multipolygons([shapely.box(116.80, 36.10 + row / 1000, 116.81, 36.10 + (row + height) / 1000)])
