"""What intruders try at the database, and what must hold after every step of a life: for the machine of test_workflow_machine.py."""

from collections import Counter

from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from planning.models import Comment, PlanVersion, Reply, Step
from tests.planning import workflow_model as model
from tests.planning.workflow_life import Life, picks

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


class Watched(Life):
    """A life with intruders, of which the database is asked after each step whether it is what the model expects."""

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
