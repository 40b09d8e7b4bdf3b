"""The decision letter (批复): made from a template with the conditions of the approval, frozen when the approval is given."""

from datetime import date
from pathlib import Path
from string import Template

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from planning import cases, procedures, second_person, unmade
from planning.models import Decision, PlanVersion, State, Track
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User

LETTERS = Path(__file__).resolve().parent / "data" / "letters"
ORDINALS = "一二三四五六七八九十"
NUMBER_CHARS = 100
USUAL = {Track.FULL: "approval", Track.LOCAL: "adjustment", Track.MAINTENANCE: "correction"}
"""letters by track, where a procedure names none"""


def names() -> set[str]:
    """Letters that a procedure may name."""
    return {path.stem for path in LETTERS.glob("*.txt")}


def template(version: PlanVersion) -> tuple[str, Template]:
    """Name with edition, and the words, of the letter by which a version is approved: the edition is the first line of it.

    The procedure may name a letter of its own for a track (`letters`)."""
    name = {**USUAL, **procedures.of_version(version).content.get("letters", {})}[version.track]
    edition, text = (LETTERS / f"{name}.txt").read_text("utf-8").split("\n", 1)
    return f"{name}@{edition}", Template(text)


def letter(version: PlanVersion, *, number: str, decided_on: date) -> str:
    """The words of the letter. It is an official document: Chinese, whoever reads it. Values are put in once, as text."""
    village, more = version.village, paragraphs(version)
    return template(version)[1].substitute(
        village=village.short_name, plan=version.plan.name, number=number, version=version.number,
        digest=version.digest[:12], township=f"{village.division.parent.name}人民政府",
        conditions="".join(f"\n{ORDINALS[n]}、{text}\n" for n, text in enumerate(more, 2)), last=ORDINALS[2 + len(more)],
        date=f"{decided_on.year}年{decided_on.month}月{decided_on.day}日",
        publish_days=days_to(version, State.PUBLISHED), file_days=days_to(version, State.FILED),
    )  # fmt: skip


def paragraphs(version: PlanVersion) -> list[str]:
    """What the letter says of this version alone: the checks that could not be made, and the conditions."""
    found = []
    if lines := unmade.in_letter(version):
        found.append(listed("下列检查因缺少数据未能进行，不视为已经通过，请在实施前核实：", lines))
    if conditions := version.conditions.all():
        said = [f"{ending(condition.text)}{due(condition.due_on)}" for condition in conditions]
        found.append(listed("本批复附有下列条件：", said))
    return found


def listed(head: str, lines: list[str]) -> str:
    return "\n".join([head, *(f"（{n}）{line}" for n, line in enumerate(lines, 1))])


def days_to(version: PlanVersion, state: State) -> str:
    """Within how many days of the approval a state is to be reached; the country's days where the procedure counts none."""
    rows = [*procedures.of_version(version).content["deadlines"], *procedures.of_the_country()["deadlines"]]
    row = next(r for r in rows if r["starts"] == State.APPROVED and state in r["ends"])
    return f"{row['days']}{'个工作日' if row['working'] else '日'}"


def is_as_now(decision: Decision, version: PlanVersion) -> bool:
    """Whether the letter of a version says what it would say if it were written now, with its number and date."""
    return decision.body == letter(version, number=decision.number, decided_on=decision.decided_on)


def ending(text: str) -> str:
    return text if text.endswith(("。", "；", "！", "？", ".")) else f"{text}。"


def due(day: date | None) -> str:
    return f"（{day.year}年{day.month}月{day.day}日前落实）" if day else ""


def write(version: PlanVersion, *, by: User, number: str, decided_on: date) -> Decision:
    """Write the letter for a submitted version, or write it again until the approval is given. Its number is given once."""
    check_right(by, version)
    number = "".join(c for c in number if c.isprintable()).strip()
    if not number or len(number) > NUMBER_CHARS:
        raise PortalError(_("Please give the number of the letter, at most %(limit)d characters.")
                          % {"limit": NUMBER_CHARS}, code="number")  # fmt: skip
    try:
        with transaction.atomic():
            held = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
            must_be_submitted(held)
            checked_day(held, decided_on)
            before = Decision.objects.filter(version=held).first()
            fields = {
                "number": number, "decided_on": decided_on, "template": template(held)[0], "by": by,
                "body": letter(held, number=number, decided_on=decided_on),
            }  # fmt: skip
            row, _made = Decision.objects.update_or_create(version=held, defaults=fields)
            told = {"number": number, "decided_on": decided_on.isoformat(), "template": row.template}
            record("decision.written", held, by=by, before={"number": before.number} if before else {}, after=told)
    except IntegrityError as error:
        raise Conflict(taken(number, by), code="number_taken") from error
    return row


def taken(number: str, by: User) -> str:
    """Which letter has a number, as far as the person may know."""
    holder = Decision.objects.select_related("version__plan").filter(number=number).first()
    if holder is None or not (is_open(holder) or cases.visible_to(by).filter(pk=holder.version_id).exists()):
        return _("Another letter has the number %(number)s.") % {"number": number}
    said = {"number": number, "plan": holder.version.plan.name, "version": holder.version.number}
    if holder.issued_at:
        return _("The letter for “%(plan)s”, version %(version)d, was issued under the number %(number)s.") % said
    return (
        _(
            "The letter for “%(plan)s”, version %(version)d, has the number %(number)s. It is not issued yet: write that letter "
            "with another number, and this one is free."
        )
        % said
    )


def drop_unissued(version: PlanVersion, *, by: User | None) -> None:
    """A version that was returned, replaced or withdrawn has no use for a letter that was not issued: its number is free."""
    for row in Decision.objects.filter(version=version, issued_at=None):
        row.delete()
        told = {"number": row.number, "decided_on": row.decided_on.isoformat(), "template": row.template}
        record("decision.dropped", version, by=by, before=told)


def check_right(by: User, version: PlanVersion) -> None:
    """County reviewers and leaders, but nobody who may not approve the plan."""
    if not by.has_perm("planning.write_decision", version):
        raise NotAllowed(_("Only a reviewer or leader of the county writes the decision letter."))
    second_person.check(by, State.APPROVED, version)


def must_be_submitted(version: PlanVersion) -> None:
    if version.state != State.SUBMITTED:
        raise Conflict(
            _("The letter is written while a version waits for approval; it is “%(state)s” now.")
            % {"state": version.get_state_display()},
            code="wrong_state",
        )


def checked_day(version: PlanVersion, day: date) -> None:
    """A letter is dated neither ahead nor back before the version was submitted."""
    submitted = version.steps.filter(to_state=State.SUBMITTED).last()
    if day > timezone.localdate() or (submitted and day < timezone.localdate(submitted.at)):
        raise PortalError(_("The letter is dated between the day of submission and today."), code="decided_on")


def may_write(user: User, version: PlanVersion) -> bool:
    """Whether the person may write the letter now."""
    try:
        check_right(user, version)
    except NotAllowed:
        return False
    return version.state == State.SUBMITTED


def is_open(decision: Decision) -> bool:
    """Whether everybody may read the letter: it was issued and the plan was published."""
    return decision.issued_at is not None and decision.version.steps.filter(to_state=State.PUBLISHED).exists()
