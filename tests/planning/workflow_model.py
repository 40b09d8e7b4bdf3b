"""The procedure once more, in plain Python and without a database: what the machine of test_workflow_machine.py expects.

It is written from section 2.4 of the domain reference and from docs/permissions.md, not from the table the portal reads, so
that a wrong row of that table is found as well as a wrong line of code.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

ORDER = [
    "commissioned", "draft", "round1", "joint_review", "assembly", "notice", "quality_check", "submitted", "approved",
    "published", "filed", "in_force",
]  # fmt: skip
DECIDED = {"approved", "published", "filed", "in_force"}
ENDED = {"returned", "superseded", "withdrawn"}
NOTICE_DAYS = {"full": 30, "local": 30, "maintenance": 7}
SYSTEM = "system"


@dataclass(frozen=True)
class Row:
    name: str
    sources: tuple[str, ...]
    target: str
    who: tuple[str, ...]
    gates: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ("full", "local", "maintenance")
    reasons: bool = False


CHECKED = ("computed", "clean_file")
HEARD = ("looked_at", "answered")
TABLE = (
    Row("ask_villagers", ("draft",), "round1", ("committee", "planner"), CHECKED, ("full",)),
    Row("send_to_review", ("round1",), "joint_review", ("township",), ("round_held",), ("full",)),
    Row("to_assembly", ("joint_review",), "assembly", ("county_reviewer", "county_leader"),
        ("somebody_asked", "opinions_in", "opinions_answered"), ("full",)),
    Row("to_assembly", ("draft",), "assembly", ("committee", "planner"), (*CHECKED, "amends"), ("local",)),
    Row("open_notice", ("assembly",), "notice", ("township", SYSTEM), ("agreed", *CHECKED), ("full", "local")),
    Row("open_notice", ("draft",), "notice", ("township", SYSTEM), (*CHECKED, "amends"), ("maintenance",)),
    Row("close_notice", ("notice",), "quality_check", ("township", SYSTEM), ("days_over", *HEARD), ("full",)),
    Row("close_notice", ("notice",), "submitted", ("township", SYSTEM), ("days_over", *HEARD), ("local", "maintenance")),
    Row("resume", ("draft",), "quality_check", ("township",), (*CHECKED, "as_noticed"), ("full",)),
    Row("submit", ("quality_check",), "submitted", ("township",), (*CHECKED, "nothing_blocks"), ("full",)),
    Row("approve", ("submitted",), "approved", ("county_leader",),
        ("computed", "nothing_blocks", *HEARD, "opinions_answered", "points_settled", "letter"), ("full",)),
    Row("approve", ("submitted",), "approved", ("county_reviewer", "county_leader"),
        ("computed", "nothing_blocks", *HEARD, "points_settled", "letter"), ("local", "maintenance")),
    Row("publish", ("approved",), "published", ("township", "county_reviewer")),
    Row("file", ("published",), "filed", ("county_reviewer",)),
    Row("enter_force", ("filed",), "in_force", ("county_reviewer", SYSTEM)),
    Row("return", ("joint_review", "assembly", "notice", "quality_check", "submitted"), "returned",
        ("county_reviewer", "county_leader"), ("listed",), ("full",), True),
    Row("return", ("assembly", "notice", "submitted"), "returned",
        ("county_reviewer", "county_leader"), ("listed",), ("local", "maintenance"), True),
    Row("vote_down", ("assembly",), "returned", ("committee", "township"), ("failed",), ("full", "local"), True),
    Row("withdraw", ("draft", "round1", "joint_review", "assembly"), "withdrawn", ("committee", "planner", "township"),
        reasons=True),
    Row("supersede", (*ORDER[1:],), "superseded", (SYSTEM,)),
)  # fmt: skip
NAMES = sorted({row.name for row in TABLE})


@dataclass
class Asked:
    """A request to a department: when it is due, and what became of it."""

    due: date
    done: bool = False
    open_points: int = 0


WRITING_A_DAY = 20


@dataclass
class Said:
    """A comment: who wrote it, whether it waits for a look (for words of the list, or for its author's card), whether it is answered."""

    by: str
    held: str = ""
    answered: bool = False


@dataclass
class Version:
    """What is known of a version, each fact under the name a gate asks for."""

    number: int
    by: str
    track: str = "full"
    # the number of the version it amends; 0: none
    amends: int = 0
    layout: str = ""
    clean: bool = True
    state: str = "draft"
    computed: bool = False
    blocked: bool = False
    public: bool = False
    opened: date | None = None
    closes: date | None = None
    whole_notice: bool = False
    round_held: bool = False
    asked: list[Asked] = field(default_factory=list)
    votes: list[bool] = field(default_factory=list)
    comments: list[Said] = field(default_factory=list)
    # the procedure its letter was written for
    letter: str = ""
    submitted_by: str = ""
    approved_by: str = ""
    # points of its return: whether the county settled each
    points: list[bool] = field(default_factory=list)
    steps: int = 0


@dataclass
class Plan:
    versions: list[Version] = field(default_factory=list)

    def row(self, version: Version, name: str) -> Row | None:
        rows = [r for r in TABLE if r.name == name and version.track in r.tracks]
        return next((r for r in rows if version.state in r.sources), rows[0] if rows else None)

    def against(
        self, version: Version, name: str, who: str, role: str, note: str, today: date, points: int = 0
    ) -> set[str]:
        """Every reason why a step may not be made now; empty if it must succeed. `role` is empty for nobody in particular,
        `points` how many points come with a return."""
        row = self.row(version, name)
        if row is None:
            return {"unknown_step"}
        found = set()
        if role not in row.who:
            found.add("not_allowed")
        if version.state not in row.sources:
            found.add("wrong_state")
        if row.reasons and not note.strip():
            found.add("note_missing")
        if row.target == "approved" and self.own(version, who):
            found.add("own_plan")
        if name == "publish" and who == version.approved_by:
            found.add("second_person")
        if not all(points > 0 if gate == "listed" else self.holds(gate, version, today) for gate in row.gates):
            found.add("gate")
        return found

    def own(self, version: Version, who: str) -> bool:
        """Somebody handed in a version of the plan, or submitted one since it was last decided on."""
        decided = max((v.number for v in self.versions if v.number < version.number and v.approved_by), default=0)
        round_ = [v for v in self.versions if decided < v.number <= version.number]
        return any(v.by == who for v in self.versions) or any(who and v.submitted_by == who for v in round_)

    def holds(self, gate: str, version: Version, today: date) -> bool:
        return {
            "computed": lambda: version.computed,
            "clean_file": lambda: version.clean,
            "nothing_blocks": lambda: not version.blocked,
            "round_held": lambda: version.round_held,
            "somebody_asked": lambda: bool(version.asked),
            "opinions_in": lambda: all(a.done or a.due < today for a in version.asked),
            "opinions_answered": lambda: not any(a.open_points for v in self.heard_with(version) for a in v.asked),
            "failed": lambda: bool(version.votes) and not version.votes[-1],
            "agreed": lambda: bool(version.votes) and version.votes[-1],
            "days_over": lambda: version.closes is not None and today > version.closes,
            "looked_at": lambda: not any(c.held for v in self.heard_with(version) for c in v.comments),
            "answered": lambda: all(c.held or c.answered for v in self.heard_with(version) for c in v.comments),
            "letter": lambda: version.letter == version.track,
            "amends": lambda: not self.too_short(version, version.track),
            "as_noticed": lambda: self.as_noticed(version),
            "points_settled": lambda: self.points_settled(version),
        }[gate]()

    def heard_with(self, version: Version) -> list[Version]:
        """The version and those before it since the last decision: what was said of them was said of the plan."""
        decided = max((v.number for v in self.versions if v.number < version.number and v.approved_by), default=0)
        return [v for v in self.versions if decided < v.number <= version.number]

    def in_force(self, version: Version) -> Version | None:
        return next((v for v in self.versions if v.state == "in_force" and v is not version), None)

    def too_short(self, version: Version, track: str) -> bool:
        """A shorter procedure amends the version in force; a correction (maintenance) leaves its layout as it is."""
        if track == "full":
            return False
        before = self.in_force(version)
        if before is None or version.amends != before.number:
            return True
        return track == "maintenance" and version.layout != before.layout

    def against_track(self, version: Version, track: str, role: str) -> set[str]:
        """Every reason why a version may not take a procedure; it would amend what is in force now."""
        found = set()
        if role not in ("committee", "planner", "township"):
            found.add("not_allowed")
        if version.state != "draft":
            found.add("wrong_state")
        before = self.in_force(version)
        if track != "full" and (before is None or (track == "maintenance" and version.layout != before.layout)):
            found.add("track_too_short")
        return found

    def as_noticed(self, version: Version) -> bool:
        before = [v for v in self.versions if v.number < version.number and v.closes]
        return bool(before) and before[-1].whole_notice and before[-1].layout == version.layout

    def points_settled(self, version: Version) -> bool:
        return all(all(v.points) for v in self.versions if v.number < version.number)

    def make(self, version: Version, name: str, who: str, today: date, points: int = 0) -> int:
        """Make a step; answers how many older versions gave their place to this one."""
        target = self.row(version, name).target
        older = self.overtaken(version, target)
        for other in older:
            other.state, other.steps = "superseded", other.steps + 1
        version.state, version.steps = target, version.steps + 1
        if target == "notice":
            version.opened, version.closes = today, today + timedelta(days=NOTICE_DAYS[version.track])
        if target == "notice" or target in DECIDED:
            version.public = True
        if name == "return":
            version.points = [False] * points
        if name == "close_notice":
            version.whole_notice = True
        if target == "submitted":
            version.submitted_by = who
        if target == "approved":
            version.approved_by = who
        return len(older)

    def overtaken(self, version: Version, target: str) -> list[Version]:
        """Older versions that are no further on; only a decision takes the place of a decision."""
        if target in ENDED or target == "draft":
            return []
        reached = set(ORDER[1 : ORDER.index(target) + 1])
        if target not in DECIDED:
            reached -= DECIDED
        return [v for v in self.versions if v.number < version.number and v.state in reached]
