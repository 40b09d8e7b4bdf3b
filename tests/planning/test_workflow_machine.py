"""A machine that does at random what people, the calendar and intruders do to plans, beside a model in plain Python.

`./run workflow-machine 10000` makes ten thousand steps; the test run fifteen hundred. After each step what the database
holds must be what the model expects, and the invariants must hold: no state outside the table, at most one version approved
and one in force, no day of a notice cut short, nothing changed without a record, no content changed at all.
"""

import datetime
from collections import Counter

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from planning import answers, moderation, participation
from planning.models import (
    Comment,
    Finding,
    ItemAnswer,
    Opinion,
    OpinionAnswer,
    PlanVersion,
    Reply,
    ReturnItem,
    ReviewRequest,
    Step,
)
from portal.models import Membership, Person
from tests import world
from tests.planning import workflow_model as model
from tests.planning.workflow_life import DEPARTMENTS, SHANGHAI, STEPS_A_LIFE, Life, people, picks

# Nobody may do these, whoever holds the database: each is tried by its own words and must be refused or find no row.
INTRUSIONS = {
    "state": "UPDATE planning_planversion SET state = %(other)s WHERE id = %(id)s",
    "digest": "UPDATE planning_planversion SET digest = repeat('0', 64) WHERE id = %(id)s",
    "reopen": "UPDATE planning_planversion SET digest = '' WHERE id = %(id)s",
    "zone": "UPDATE planning_zone SET code = '0101' WHERE version_id = %(id)s",
    "zone gone": "DELETE FROM planning_zone WHERE version_id = %(id)s",
    "step": "UPDATE planning_step SET by_id = NULL, note = 'other' WHERE version_id = %(id)s",
    "step gone": "DELETE FROM planning_step WHERE version_id = %(id)s",
    "step invented": "INSERT INTO planning_step (version_id, name, from_state, to_state, rule_id, note, at)"
    " SELECT id, 'approve', state, %(other)s, (SELECT min(id) FROM planning_workflowrule WHERE procedure <> '{}'), '', now()"
    " FROM planning_planversion WHERE id = %(id)s AND state <> 'submitted'",
    "own approval": "INSERT INTO planning_step (version_id, name, from_state, to_state, rule_id, by_id, note, at)"
    " SELECT id, 'approve', state, 'approved', (SELECT min(id) FROM planning_workflowrule WHERE procedure <> '{}'),"
    " created_by_id, '', now() FROM planning_planversion WHERE id = %(id)s",
    "notice cut": "UPDATE planning_notice SET closes_on = closes_on - 1 WHERE version_id = %(id)s",
    "notice moved": "UPDATE planning_notice SET opens_on = opens_on - 9 WHERE version_id = %(id)s",
    "comment gone": "DELETE FROM planning_comment WHERE version_id = %(id)s",
    "reply": "UPDATE planning_reply SET text = 'other' WHERE comment_id IN"
    " (SELECT id FROM planning_comment WHERE version_id = %(id)s)",
    "round": "UPDATE planning_villagerround SET people = 999 WHERE version_id = %(id)s",
    "assembly": "UPDATE planning_assembly SET in_favour = entitled WHERE version_id = %(id)s",
    "document": "UPDATE planning_document SET sha256 = repeat('1', 64) WHERE version_id = %(id)s",
    "opinion": "UPDATE planning_opinion SET stance = 'agree' WHERE version_id = %(id)s",
    "procedure": "UPDATE planning_workflowrule SET procedure = procedure || '{\"transitions\": []}' WHERE id IN"
    " (SELECT rule_id FROM planning_step WHERE version_id = %(id)s)",
    "record": "UPDATE portal_auditentry SET actor_name = 'nobody' WHERE object_id = %(id)s",
    "record gone": "DELETE FROM portal_auditentry WHERE object_id = %(id)s",
}


class WorkflowMachine(Life):
    """A life of fifty things: what is put on record, what residents say, what intruders try; and what must hold."""

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

    # --- intruders

    @rule(number=picks, how=st.sampled_from(list(INTRUSIONS)), other=st.sampled_from(model.ORDER + sorted(model.ENDED)))
    @precondition(lambda self: self.plan.versions)
    def intrude(self, number: int, how: str, other: str) -> None:
        """Whoever holds the database writes past the portal; nothing may come of it."""
        known, version = self.pick(number)
        if other == known.state:
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(INTRUSIONS[how], {"id": version.pk, "other": other})
                assert cursor.rowcount == 0, f"the database let somebody in: {how}"
        except DatabaseError:
            self.happened["intruder refused"] += 1

    # --- what must hold whatever happened

    @invariant()
    def the_database_is_as_expected(self) -> None:
        self.happened["steps"] += 1
        if not self.plan.versions:
            return
        fields = ("pk", "number", "state", "digest", "layout", "published_at", "notice__opens_on", "notice__closes_on")
        rows = list(PlanVersion.objects.order_by("number").values_list(*fields))
        assert [row[0] for row in rows] == self.ids
        for row, known in zip(rows, self.plan.versions, strict=True):
            assert (row[1], row[2]) == (known.number, known.state)
            assert (row[3], row[4]) == self.kept[row[0]], "content changed"
            assert (row[5] is not None) == known.public
            assert (row[6], row[7]) == (known.opened, known.closes)
        states = [row[2] for row in rows]
        assert states.count("approved") <= 1
        assert states.count("in_force") <= 1

    @invariant()
    def the_record_of_steps_is_sound(self) -> None:
        if not self.plan.versions:
            return
        by_version: dict[str, list[tuple]] = {pk: [] for pk in self.ids}
        for pk, *step in Step.objects.order_by("id").values_list(
            "version_id", "name", "from_state", "to_state", "by", "at"
        ):
            by_version[pk].append(tuple(step))
        authors = list(PlanVersion.objects.order_by("number").values_list("created_by", flat=True))
        for known, pk in zip(self.plan.versions, self.ids, strict=True):
            steps = by_version[pk]
            assert len(steps) == known.steps
            assert [s[1] for s in steps[1:]] == [s[2] for s in steps[:-1]], "a gap in the record"
            assert steps[-1][2] == known.state, "the state is not that of the last step"
            reached = [s[2] for s in steps]
            assert len(reached) == len(set(reached)), "a version went round in a circle"
            made = {s[0]: s for s in steps}
            if "approve" in made:
                assert made["approve"][3] not in (None, *authors[: known.number]), "approved by whoever handed it in"
                into = [s[3] for s in steps if s[2] == "submitted"]
                assert made["approve"][3] not in into, "approved by whoever submitted it"
            if "publish" in made:
                assert made["publish"][3] not in (None, made["approve"][3]), "published by whoever approved"
            if "close_notice" in made:
                days = (timezone.localdate(made["close_notice"][4]) - known.opened).days
                assert days > model.NOTICE_DAYS[known.track], "the notice was cut short"

    @invariant()
    def nobody_spoke_outside_a_notice(self) -> None:
        if not any(v.comments for v in self.plan.versions):
            return
        said = Comment.objects.values_list("version__number", "created_at")
        assert Counter(number for number, _at in said) == Counter(
            {v.number: len(v.comments) for v in self.plan.versions if v.comments}
        )
        for number, at in said:
            known = self.plan.versions[number - 1]
            assert known.opened <= timezone.localdate(at) <= known.closes
        said = [c for v in self.plan.versions for c in v.comments]
        assert Reply.objects.values("comment").distinct().count() == sum(c.answered for c in said)
        assert Comment.objects.seen_by(AnonymousUser()).count() == sum(not c.held for c in said), "held, and public"


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
