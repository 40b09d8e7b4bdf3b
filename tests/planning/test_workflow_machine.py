"""A machine that does at random what people, the calendar and intruders do to plans, beside a model in plain Python.

`./run workflow-machine 10000` makes ten thousand steps; the test run fifteen hundred. After each step what the database
holds must be what the model expects, and the invariants must hold: no state outside the table, at most one version approved
and one in force, no day of a notice cut short, nothing changed without a record, no content changed at all.
"""

import datetime
from collections import Counter

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from planning import answers, moderation, participation
from planning.models import Finding, ItemAnswer, Opinion, OpinionAnswer, PlanVersion, ReturnItem, ReviewRequest
from portal.models import Membership, Person
from tests import world
from tests.planning import workflow_model as model
from tests.planning.workflow_life import DEPARTMENTS, SHANGHAI, STEPS_A_LIFE, people, picks
from tests.planning.workflow_watched import Watched


class WorkflowMachine(Watched):
    """A life of fifty things: what is put on record, what residents say, how time goes by; with intruders."""

    def bring(self, gate: str, number: int) -> None:
        known, _version = self.pick(number)
        if gate == "computed":
            self.compute(number, True)
        elif gate == "nothing_blocks":
            self.conflict(number, False)
        elif gate == "round_held":
            self.hold_round(number)
        elif gate == "somebody_asked":
            self.ask(number, "agriculture", 10)
        elif gate in ("opinions_in", "opinions_answered"):
            owners = self.plan.heard_with(known)
            for pk, owner, asked in self.requests:
                if any(owner is v for v in owners):
                    self.finish(pk, asked)
        elif gate == "agreed":
            self.vote(number, "agreed")
        elif gate == "days_over" and known.closes:
            self.tick(days=max(1, (known.closes - self.today).days + 1))
        elif gate in ("looked_at", "answered"):
            for heard in self.plan.heard_with(known):
                self.hear(gate, heard)
        elif gate == "amends":
            self.choose_track(number, "local", "township")
        elif gate == "letter":
            self.write_letter(number)
        elif gate == "points_settled":
            for index in range(6):
                self.settle(index, True)

    def hear(self, gate: str, heard: model.Version) -> None:
        """Look at what is held on a version and let it out, or answer what was said of it."""
        place = len(self.plan.versions) - heard.number
        for index, said in enumerate(heard.comments):
            if gate == "answered":
                self.answer_comment(place, index, "committee")
            elif said.held:
                if said.by == "stranger" and not self.shown:
                    self.show_the_card()
                self.let_out(place, index, "township")

    # --- evidence

    @rule(
        number=picks, what=st.sampled_from(["compute", "conflict", "round", "ask", "vote", "letter"]),
        yes=st.sampled_from([True, True, False]), how=st.integers(0, 5),
    )  # fmt: skip
    @precondition(lambda self: self.plan.versions)
    def put_on_record(self, number: int, what: str, yes: bool, how: int) -> None:
        {
            "compute": lambda: self.compute(number, yes),
            "conflict": lambda: self.conflict(number, not yes),
            "round": lambda: self.hold_round(number),
            "ask": lambda: self.ask(number, DEPARTMENTS[how % 3], [0, 3, 10][how % 3]),
            "vote": lambda: self.vote(number, list(self.VOTES)[how]),
            "letter": lambda: self.write_letter(number),
        }[what]()

    def compute(self, number: int, done: bool) -> None:
        """Results are computed, or not there (any more)."""
        known, version = self.pick(number)
        PlanVersion.objects.filter(pk=version.pk).update(checked_at=timezone.now() if done else None)
        known.computed = done

    def conflict(self, number: int, there: bool) -> None:
        known, version = self.pick(number)
        version.findings.all().delete()
        if there:
            Finding.objects.create(version=version, number=1, code="K1", severity="block", category="real", area_m2=9)
        known.blocked = there

    def hold_round(self, number: int) -> None:
        self.tick()
        known, version = self.pick(number)
        world.hold_round(version)
        known.round_held = True

    def ask(self, number: int, department: str, days: int) -> None:
        known, version = self.pick(number)
        if version.requests.filter(department=department).exists():
            return
        due = self.today + datetime.timedelta(days=days)
        row = ReviewRequest.objects.create(
            version=version, department=department, asked_by=self.person("reviewer"), due_on=due
        )
        known.asked.append(model.Asked(due))
        self.requests.append((row.pk, known, known.asked[-1]))

    @rule(index=st.integers(0, 9), stance=st.sampled_from(["agree", "change", "object"]))
    @precondition(lambda self: self.requests)
    def say(self, index: int, stance: str) -> None:
        self.tick()
        pk, _known, asked = self.requests[index % len(self.requests)]
        request = ReviewRequest.objects.get(pk=pk)
        row = Opinion.objects.create(
            request=request, version=request.version, author=self.person("agriculture"), stance=stance, text="意见"
        )
        ReviewRequest.objects.filter(pk=pk).update(done_at=timezone.now())
        asked.done = True
        if stance != "agree":
            asked.open_points += 1
            self.opinions.append((row.pk, asked))

    @rule(index=st.integers(0, 9))
    @precondition(lambda self: self.opinions)
    def answer_opinion(self, index: int) -> None:
        pk, asked = self.opinions.pop(index % len(self.opinions))
        OpinionAnswer.objects.create(opinion_id=pk, outcome="adopted", by=self.person("planner"))
        asked.open_points -= 1

    def finish(self, pk: str, asked: model.Asked) -> None:
        ReviewRequest.objects.filter(pk=pk).update(done_at=timezone.now())
        asked.done = True
        for index in reversed(range(len(self.opinions))):
            if self.opinions[index][1] is asked:
                self.answer_opinion(index)

    VOTES = {
        "agreed": ({}, True),
        "no quorum": ({"present": 19, "in_favour": 19, "against": 0, "abstained": 0}, False),
        "just a quorum": ({"present": 20, "in_favour": 11, "against": 9, "abstained": 0}, True),
        "half is not enough": ({"present": 24, "in_favour": 12, "against": 12, "abstained": 0}, False),
        "villagers, half": ({"form": "villagers", "entitled": 800, "present": 400, "in_favour": 400, "against": 0,
                             "abstained": 0}, False),
        "villagers": ({"form": "villagers", "entitled": 800, "present": 401, "in_favour": 201, "against": 0,
                       "abstained": 0}, True),
    }  # fmt: skip

    def vote(self, number: int, how: str) -> None:
        self.tick()
        known, version = self.pick(number)
        numbers, agreed = self.VOTES[how]
        world.hold_assembly(version, **numbers)
        known.votes.append(agreed)

    def write_letter(self, number: int) -> None:
        known, version = self.pick(number)
        if known.letter != known.track:
            world.write_decision(version)
            known.letter = known.track

    @rule(index=st.integers(0, 5), settled=st.booleans())
    @precondition(lambda self: any(v.points for v in self.plan.versions))
    def settle(self, index: int, settled: bool) -> None:
        """A point is answered by the newest version, and the county accepts the answer or does not."""
        places = [(v, n) for v in self.plan.versions for n in range(len(v.points))]
        known, n = places[index % len(places)]
        item = ReturnItem.objects.get(version=self.ids[known.number - 1], number=n + 1)
        said = {"settled": settled, "settled_by": self.person("reviewer"), "settled_at": timezone.now()}
        ItemAnswer.objects.update_or_create(
            item=item,
            defaults=said,
            create_defaults={
                **said,
                "version_id": self.ids[-1],
                "accepted": True,
                "by": self.person("planner"),
            },
        )
        known.points[n] = settled

    # --- residents

    @rule(
        number=picks,
        who=st.sampled_from(["villager", "stranger", "planner"]),
        listed=st.sampled_from([False] * 3 + [True]),
    )
    @precondition(lambda self: self.plan.versions)
    def comment(self, number: int, who: str, listed: bool = False) -> None:
        """Mostly on what is in notice, if anything is; now and then with a word of the list."""
        open_ones = [n for n in range(4) if self.pick(n)[0].state == "notice"]
        known, version = self.pick(open_ones[0] if open_ones and number else number)
        against = set()
        if not known.public:
            against.add("not_allowed")
        if known.state != "notice" or self.today > known.closes:
            against.add("notice_closed")
        if self.wrote[who, self.today] >= model.WRITING_A_DAY:
            against.add("comments_a_day")
        text = "路太窄，样例·违禁 词" if listed else "路太窄"
        if self.attempt(lambda: participation.post_comment(version, by=self.person(who), text=text), against, 1):
            held = "words" if listed else "" if self.is_known(who) else "identity"
            known.comments.append(model.Said(who, held))
            self.wrote[who, self.today] += 1
            self.happened["comment" if not held else f"held: {held}"] += 1

    def is_known(self, who: str) -> bool:
        """The villager has shown the card, the stranger may have; whoever has an office is known by it."""
        return who == "villager" or (who == "stranger" and self.shown) or bool(who == "planner" and self.roles[who])

    @rule()
    @precondition(lambda self: not self.shown)
    def show_the_card(self) -> None:
        """The stranger's identity is verified: what waited for nothing else is public."""
        self.tick()
        stranger = self.person("stranger")
        Person.objects.update_or_create(user=stranger, defaults={"verified_at": timezone.now()})
        moderation.release_of(stranger)
        self.shown = True
        for said in (c for v in self.plan.versions for c in v.comments if c.by == "stranger" and c.held == "identity"):
            said.held = ""

    @rule(number=picks, index=picks, who=people.filter(bool))
    @precondition(lambda self: any(v.comments for v in self.plan.versions))
    def let_out(self, number: int, index: int, who: str) -> None:
        known, version = self.pick(number)
        if not known.comments:
            return
        index %= len(known.comments)
        said, row = known.comments[index], version.comments.order_by("created_at")[index]
        against = set()
        if self.role(who) not in ("township", "county_reviewer", "county_leader"):
            against.add("not_allowed")
        if not said.held:
            against.add("not_held")
        if not self.is_known(said.by):
            against.add("identity_open")
        if self.attempt(lambda: moderation.release(row, by=self.person(who)), against, 1):
            said.held = ""
            self.happened["let out"] += 1

    @rule(number=picks, index=picks, who=people.filter(bool))
    @precondition(lambda self: any(v.comments for v in self.plan.versions))
    def answer_comment(self, number: int, index: int, who: str) -> None:
        known, version = self.pick(number)
        if not known.comments:
            return
        index %= len(known.comments)
        row = version.comments.order_by("created_at")[index]
        against = set() if self.role(who) in ("committee", "township") else {"not_allowed"}
        if known.comments[index].held:
            against.add("held")
        if self.attempt(lambda: answers.answer(row, by=self.person(who), text="采纳", adoption="adopted"), against, 1):
            known.comments[index].answered = True

    # --- time and contracts

    @rule(later=st.sampled_from([{"hours": 7}, {"days": 1}, {"days": 6}, {"days": 31}]))
    def wait(self, later: dict[str, int]) -> None:
        self.tick(**later)

    @rule(number=picks, seconds=st.sampled_from([-2, 2]))
    @precondition(lambda self: any(v.closes for v in self.plan.versions))
    def wait_for_the_end_of_a_notice(self, number: int, seconds: int) -> None:
        """To the last second of the last day, or to the first one after it, by the clock of Shanghai."""
        known, _version = self.pick(number)
        if known.closes and self.today <= known.closes:
            end = datetime.datetime.combine(known.closes + datetime.timedelta(days=1), datetime.time(), SHANGHAI)
            self.now = end + datetime.timedelta(seconds=seconds)
            self.tick()

    @rule(
        who=st.sampled_from(["planner", "committee", "township", "reviewer", "leader"]),
        ends=st.sampled_from([False] * 4 + [True]),
    )
    def end_or_renew_a_contract(self, who: str, ends: bool) -> None:
        """A role ended yesterday is none today."""
        yesterday = self.today - datetime.timedelta(days=1)
        Membership.objects.filter(user=getattr(self.cast, who)).update(valid_to=yesterday if ends else None)
        self.roles[who] = [] if ends else [self.offices[who]]


@pytest.mark.django_db
def test_whatever_happens_to_a_plan_only_the_procedure_moves_it(cast, village, time_machine, request):
    steps, chosen = request.config.getoption("--machine-steps"), request.config.getoption("--machine-seed")
    machine = type(
        "Machine", (WorkflowMachine,), {"clock": time_machine, "cast": cast, "village": village, "happened": Counter()}
    )
    if chosen:
        machine = seed(chosen)(machine)
    lives = max(1, steps // STEPS_A_LIFE)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=lives, stateful_step_count=STEPS_A_LIFE, deadline=None, derandomize=not chosen, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip
    print(f"workflow machine, {lives} lives: {dict(sorted(machine.happened.items()))}")
    ways = {key.split()[0] for key in machine.happened}
    assert ways >= {"approve", "publish", "intruder"}
    if steps >= 5000:  # so many leave no part of the procedure out
        assert ways >= {"file", "enter_force", "return", "withdraw", "resume", "track", "comment"}
