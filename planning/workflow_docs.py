"""docs/workflow.md, made from the procedures as they are shipped: a diagram and a table for each track."""

from typing import Any

from planning import decisions, gates, procedures
from planning.models import ENDED, State, Track, WorkflowRule
from planning.procedures import Procedure, Transition

HEAD = """# The statutory procedure · 法定程序

Made by `./run manage workflow_docs` from `planning/data/workflow/*.json`; do not edit it by hand. A test compares the two.

A procedure is data (`WorkflowRule.procedure`, in `/admin/` with every fault named before it is stored). The most specific rule with
a procedure that is in force in the division on the day a version is handed in is the one it goes by; from its first step on it is
pinned to it. `planning.workflow.move` alone writes the state; a trigger looks every step up in the procedure and refuses any other.
What is marked *sample* is not from an official text: replace it with the rule of the province.

## Gates

| gate | what must hold |
|---|---|
"""
WHO = {
    "committee": "村委会", "planner": "规划编制单位", "township": "乡镇政府", "county_reviewer": "县级审查员",
    "county_leader": "县政府领导", "province": "省级", "system": "门户自动",
}  # fmt: skip
TRACKS = {
    Track.FULL: "Full procedure · 新编、重大修改", Track.LOCAL: "Local adjustment · 局部调整",
    Track.MAINTENANCE: "Maintenance or correction · 一般维护、更正",
}  # fmt: skip
CHINESE = {
    State.COMMISSIONED: "任务下达", State.DRAFT: "编制", State.ROUND1: "村民意见（第一轮）", State.JOINT_REVIEW: "联合审查",
    State.ASSEMBLY: "村民会议", State.NOTICE: "批前公示", State.QUALITY_CHECK: "成果质检", State.SUBMITTED: "报批",
    State.APPROVED: "批准", State.PUBLISHED: "批后公布", State.FILED: "逐级汇交", State.IN_FORCE: "实施",
    State.RETURNED: "退回", State.SUPERSEDED: "被取代", State.WITHDRAWN: "撤回",
}  # fmt: skip


def page() -> str:
    """The whole file."""
    rows = "".join(f"| `{name}` | {summary(gate)} |\n" for name, gate in gates.GATES.items())
    names = sorted(path.stem for path in procedures.SHIPPED.glob("*.json"))
    names.sort(key=lambda name: name != "national")
    return HEAD + rows + "".join(of_procedure(procedures.shipped(name)) for name in names)


def summary(gate: Any) -> str:
    """First paragraph of a gate's docstring, on one line."""
    return " ".join((gate.__doc__ or "").split("\n\n")[0].split())


def of_procedure(content: dict[str, Any]) -> str:
    procedure = procedures.of_rule(WorkflowRule(procedure=content))
    sample = " (sample)" if content.get("sample") else ""
    parts = [
        f"\n## Procedure `{content['name']}`, edition {content['edition']}{sample}\n\nSource: {content['source']}\n"
    ]
    for track in Track:
        parts += [f"\n### {TRACKS[track]}\n\n", diagram(procedure, track), table(procedure, track)]
    parts += [days(content), quorum(content), letters(content), comments(content)]
    return "".join(parts)


def rows_of(procedure: Procedure, track: Track) -> list[Transition]:
    return [t for t in procedure.transitions if track in t.tracks]


def diagram(procedure: Procedure, track: Track) -> str:
    """A state diagram; that a newer version may take the place of any other is left out of it."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> draft: hand_in 提交成果"]
    rows = [t for t in rows_of(procedure, track) if t.target != State.SUPERSEDED]
    reached = [*procedure.way(track), *dict.fromkeys(t.target for t in rows if t.target in ENDED)]
    lines += [f"    {state.value}: {CHINESE[state]} {state.value}" for state in reached]
    lines += [
        f"    {source.value} --> {t.target.value}: {t.name}" for t in rows for source in t.sources if source in reached
    ]  # fmt: skip
    lines += [f"    {state.value} --> [*]" for state in reached if state in ENDED or state == State.IN_FORCE]
    return "\n".join([*lines, "```", "", ""])


def table(procedure: Procedure, track: Track) -> str:
    """The rows of a track: from, to, who, what must hold, deadline, legal basis."""
    lines = ["| step | from | to | who | must hold | deadline | legal basis |", "|---|---|---|---|---|---|---|"]
    reached = {State.DRAFT, *(t.target for t in rows_of(procedure, track))}
    for t in rows_of(procedure, track):
        sources = ", ".join(s.value for s in t.sources if s in reached)
        who = ", ".join(f"{WHO[role]} `{role}`" for role in t.who)
        holds = [f"`{gate}`" for gate in t.gates] + (["reasons"] if t.needs_note else [])
        cells = [
            f"`{t.name}` {t.labels['zh-hans']}", sources, t.target.value, who, ", ".join(holds) or "–",
            deadline(procedure.content, t, reached) or "–", t.basis or "–",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def deadline(content: dict[str, Any], transition: Transition, reached: set[State]) -> str:
    """The deadlines that a step meets: so many days after the state they begin in was entered."""
    if transition.target in ENDED:
        return ""
    return ", ".join(
        f"{row['days']} {'working days' if row['working'] else 'days'} after {row['starts']}{sample(row)}"
        for row in content["deadlines"]
        if transition.target.value in row["ends"] and row["starts"] in reached
    )


def sample(row: dict[str, Any]) -> str:
    return " (sample)" if row.get("sample") else ""


def days(content: dict[str, Any]) -> str:
    lines = ["\n### Days of the public notice · 公示期\n", "| track | days | basis |", "|---|---|---|"]
    lines += [
        f"| {track} | {row['days']} calendar days{sample(row)} | {row.get('basis', '–')} |"
        for track, row in content["notice_days"].items()
    ]
    return "\n".join([*lines, ""])


def quorum(content: dict[str, Any]) -> str:
    words = {"more_than_half": "more than half", "two_thirds": "two thirds"}
    lines = [
        "\n### Quorum and documents of the assembly · 村民会议\n", "| form | must take part | must agree, of those present | basis |",
        "|---|---|---|---|",
    ]  # fmt: skip
    lines += [
        f"| {form} | {words[row['present']]} | {words[row['favour']]}{sample(row)} | {row.get('basis', '–')} |"
        for form, row in content["quorum"].items()
    ]
    wanted = ", ".join(f"`{kind}`" for kind in content["evidence"]["assembly"])
    first = ", ".join(f"`{kind}`" for kind in content["evidence"]["round"]) or "none"
    return "\n".join([*lines, "", f"Documents needed: of the assembly {wanted}; of the first round {first}.", ""])


def letters(content: dict[str, Any]) -> str:
    """The letters of the approval, and the days they say."""
    named = {**decisions.USUAL, **content.get("letters", {})}
    words = ", ".join(f"{track} `{named[track]}`" for track in Track)
    return (
        "\n### Decision letter · 批复\n\n"
        f"Of `planning/data/letters/` (sample), by track: {words}. The days to publish and to hand over are those of the deadlines above; "
        "a letter that no longer says what it would say now holds the approval up.\n"
    )


GRADES = {
    "invited": "invited by the code of a household of the village (户码)",
    "verified": "verified with the identity card (实名核验)",
}
FIRST_LOOK = {
    "words": "those with a word of the list (关注词)",
    "unverified": "those with a word of the list (关注词), and those of authors whose identity is not known well enough (后台实名)",
    "all": "every comment (先审后发)",
}


def comments(content: dict[str, Any]) -> str:
    """How many comments a person may write, which are looked at before they are public, and when people are reminded."""
    rule, remind = content["comments"], content["reminders"]
    ahead = {name: ", ".join(map(str, remind[name])) for name in ("notice", "opinion")}
    return (
        "\n### Comments and reminders · 意见与提醒\n\n"
        f"- {rule['a_day']} comments by one person on one plan a day{sample(rule)}.\n"
        f"- Looked at before they are public, within {rule['look_within']} working days{sample(rule)}: {FIRST_LOOK[rule['first_look']]}.\n"
        f"- What was said or written on paper in the notice is entered for up to {rule['enter_within']} working days after its last day"
        f"{sample(rule)}, until the plan is approved.\n"
        f"- Public at once from this grade of the author's identity on{sample(rule)}: {GRADES[rule.get('identity', 'verified')]}.\n"
        f"- Reminders: {ahead['notice']} calendar days before the end of a notice, {ahead['opinion']} working days before an opinion "
        f"is due{sample(remind)}.\n"
    )
