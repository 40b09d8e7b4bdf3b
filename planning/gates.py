"""What must hold before a version moves on. Each gate answers None, or a sentence that says what is missing."""

from collections.abc import Callable

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planning import amendments, answering, assemblies, decisions, freshness, issue_texts, procedures
from planning.models import Comment, Decision, Finding, Opinion, PlanVersion, ReturnItem, Track, WorkflowRule

MOST_NAMED = 20
"""numbers of comments that a sentence names"""


def results_computed(version: PlanVersion) -> str | None:
    """Indicators and conflicts are computed, from what holds now."""
    if version.checked_at is None:
        return _("The indicators and conflicts have not been computed yet.")
    if freshness.is_stale(version):
        return _("An input changed since indicators and conflicts were computed: compute them again.")
    return None


def no_content_errors(version: PlanVersion) -> str | None:
    """Errors of the rules L (逻辑一致性) in the quality report; those of the file itself had refused it."""
    failed = [r for r in version.report.get("rules", []) if r["code"].startswith("L") and r["errors"]]
    if not failed:
        return None
    names = _(", ").join(f"{issue_texts.rule(r['code'])} ({r['code']})" for r in failed)
    return ngettext(
        "The quality report lists %(count)d error in the plan: %(rules)s.",
        "The quality report lists %(count)d errors in the plan: %(rules)s.",
        sum(r["errors"] for r in failed),
    ) % {"count": sum(r["errors"] for r in failed), "rules": names}


def no_blocking_findings(version: PlanVersion) -> str | None:
    """No real conflict that blocks is left; an authorised exception is none."""
    count = version.findings.filter(severity=Finding.Severity.BLOCK, category=Finding.Category.REAL).count()
    if count:
        return ngettext(
            "%(count)d real conflict blocks approval.", "%(count)d real conflicts block approval.", count
        ) % {"count": count}
    return None


class Linked(str):
    """A sentence with the page where it is put right."""

    url: str

    def __new__(cls, text: str, url: str) -> "Linked":
        made = super().__new__(cls, text)
        made.url = url
        return made


def heard_with(version: PlanVersion) -> QuerySet[PlanVersion]:
    """The version and those of the plan before it, back to the last one that was approved: what was said of a version that
    was returned, replaced or withdrawn was said of the plan, and its successor answers it."""
    earlier = Q(number__lt=version.number, pk__in=PlanVersion.objects.filter(plan=version.plan_id).undecided())
    return PlanVersion.objects.filter(Q(pk=version.pk) | earlier, plan=version.plan_id).order_by("number")


def of_version(text: str, spoken_of: PlanVersion, version: PlanVersion) -> str:
    """A sentence that says of which version it is, if that is not the one that is to move on."""
    if spoken_of.pk == version.pk:
        return text
    return _("Version %(number)d: %(text)s") % {"number": spoken_of.number, "text": text}


def comments_answered(version: PlanVersion) -> str | None:
    """Every comment of a resident that is public, or was, on this version or on one before it since the last approval, has an
    answer that does not put it off."""
    silent = Comment.objects.to_answer().filter(version=OuterRef("pk"))
    found = list(heard_with(version).filter(Exists(silent)))
    if not found:
        return None
    said = [of_version(unanswered_words(spoken_of), spoken_of, version) for spoken_of in found]
    return Linked(" ".join(said), reverse("version-answers", args=[found[0].pk]))


def unanswered_words(version: PlanVersion) -> str:
    numbers = answering.waiting_numbers(version)
    named = _(", ").join(str(number) for number in numbers[:MOST_NAMED]) + ("…" if len(numbers) > MOST_NAMED else "")
    said = {"count": len(numbers), "numbers": named}
    text = ngettext(
        "%(count)d comment has no answer yet: number %(numbers)s.",
        "%(count)d comments have no answer yet: numbers %(numbers)s.", len(numbers),
    )  # fmt: skip
    return text % said


def comments_looked_at(version: PlanVersion) -> str | None:
    """No comment on this version, or on one before it since the last approval, still waits for a look (先审后发): each was let
    out, or taken out of sight with a reason that everybody reads."""
    held = Count("comments", filter=Q(comments__in=Comment.objects.waiting()))
    found = list(heard_with(version).annotate(held=held).filter(held__gt=0))
    if not found:
        return None
    text = [
        of_version(
            ngettext(
                "%(count)d comment still waits for a look before it is public.",
                "%(count)d comments still wait for a look before they are public.", spoken_of.held,
            ) % {"count": spoken_of.held}, spoken_of, version,
        )
        for spoken_of in found
    ]  # fmt: skip
    return Linked(" ".join(text), reverse("review", args=[found[0].pk]) + "#comments")


def notice_days_over(version: PlanVersion) -> str | None:
    """The last day of the public notice is over, by the clock of Asia/Shanghai; the demo alone may close one earlier."""
    today = timezone.localdate()
    if today > version.notice.closes_on:
        return None
    if settings.DEMO and WorkflowRule.for_division(version.division_code, today).closing_early:
        return None
    return _("The public notice runs until %(day)s.") % {"day": date_format(version.notice.closes_on)}


def round_recorded(version: PlanVersion) -> str | None:
    """The villagers’ first round: a meeting, a questionnaire or visits, with the documents the procedure asks for."""
    if not version.rounds.exists():
        return _("The villagers’ first round is not recorded yet: write down the meeting, questionnaire or visits.")
    wanted = procedures.of_version(version).content["evidence"]["round"]
    there = version.documents.filter(round__isnull=False)
    if absent := assemblies.absent_kinds(wanted, there):
        return _("Documents of the first round are missing: %(kinds)s.") % {"kinds": _(", ").join(absent)}
    return None


def reviewers_asked(version: PlanVersion) -> str | None:
    """At least one department or expert was asked for an opinion."""
    if version.requests.filter(cancelled_at=None).exists():
        return None
    return _("No department or expert has been asked for an opinion yet.")


def opinions_in(version: PlanVersion) -> str | None:
    """Everyone asked has answered, or the day for it is past (逾期视为无意见)."""
    open_ones = version.requests.filter(cancelled_at=None, done_at=None, due_on__gte=timezone.localdate())
    waiting = [f"{request} ({date_format(request.due_on)})" for request in open_ones.select_related("expert")]
    if not waiting:
        return None
    return _("Opinions are still awaited from: %(who)s.") % {"who": _(", ").join(waiting)}


def opinions_answered(version: PlanVersion) -> str | None:
    """Every opinion on this version, or on one before it since the last approval, that asks for something is answered as adopted,
    partly or not adopted."""
    asking = Opinion.objects.filter(answer=None).exclude(stance=Opinion.Stance.AGREE)
    silent = Count("opinions", filter=Q(opinions__in=asking))
    found = list(heard_with(version).annotate(silent=silent).filter(silent__gt=0))
    if not found:
        return None
    text = [
        of_version(
            ngettext("%(count)d opinion has no answer yet.", "%(count)d opinions have no answer yet.", spoken_of.silent)
            % {"count": spoken_of.silent}, spoken_of, version,
        )
        for spoken_of in found
    ]  # fmt: skip
    return Linked(" ".join(text), reverse("case", args=[found[0].pk]) + "#opinions")


def assembly_recorded(version: PlanVersion) -> str | None:
    """The villagers’ assembly is recorded, whatever it decided."""
    return None if version.assemblies.exists() else _("The villagers’ assembly is not recorded yet.")


def assembly_passed(version: PlanVersion) -> str | None:
    """Quorum, majority and the documents that prove them, computed from the newest record."""
    last = version.assemblies.last()
    if last is None:
        return assembly_recorded(version)
    return " ".join(assemblies.lacking(last)) or None


def assembly_failed(version: PlanVersion) -> str | None:
    """The newest record of the assembly lacks attendance or majority: nobody votes down what the villagers agreed to. That
    documents are missing is no failure of the vote."""
    last = version.assemblies.last()
    if last is None:
        return assembly_recorded(version)
    if assemblies.lacking_votes(last):
        return None
    return _("The villagers’ assembly agreed, by its newest record: a plan that was agreed to is not voted down.")


def layout_as_noticed(version: PlanVersion) -> str | None:
    """The zones are those of the last version in public notice, and that notice was closed, not broken off by a return."""
    before = version.plan.versions.filter(number__lt=version.number, notice__isnull=False).order_by("number").last()
    if before is None or not before.steps.filter(name="close_notice").exists():
        return _("No version before this one has had its whole public notice.")
    if before.layout != version.layout or not version.layout:
        return _("The layout differs from that of the public notice of version %(number)s: a new notice is needed.") % {
            "number": before.number
        }
    return None


def unsettled_items(version: PlanVersion) -> QuerySet[ReturnItem]:
    """Points of returned versions of the plan before this one that the county has not accepted the answer to."""
    items = ReturnItem.objects.filter(version__plan=version.plan_id, version__number__lt=version.number)
    return items.exclude(answer__settled=True)


def return_items_answered(version: PlanVersion) -> str | None:
    """Every point of the returns before this version is answered, and the county has accepted each answer."""
    count = unsettled_items(version).count()
    if count:
        return ngettext(
            "%(count)d point of a return is not settled yet.",
            "%(count)d points of returns are not settled yet.", count,
        ) % {"count": count}  # fmt: skip
    return None


def return_has_items(version: PlanVersion) -> str | None:
    """A return lists what is to be changed, point by point: nobody can answer a return that only says no."""
    if version.return_items.exists():
        return None
    return _(
        "A return lists at least one point: a zone, a rule or a page, and what is to be changed there. "
        "Please add it on the page “Return with points”."
    )


def decision_written(version: PlanVersion) -> str | None:
    """The letter is there, and says what it would say if it were written now: the checks that could not be made, the conditions
    with their last days, the names."""
    letter = Decision.objects.filter(version=version).first()
    if letter is None:
        return _("The decision letter has no number and date yet.")
    if not decisions.is_as_now(letter, version):
        return _(
            "What the decision letter says changed since it was written, as the conditions: write the letter again."
        )
    return None


def track_fits(version: PlanVersion) -> str | None:
    """A shorter procedure is for the amendment of the plan in force, and only for what it differs in."""
    if version.track == Track.FULL:
        return None
    return amendments.too_short(version)


Gate = Callable[[PlanVersion], str | None]
GATES: dict[str, Gate] = {
    gate.__name__: gate
    for gate in (
        results_computed, no_content_errors, no_blocking_findings, comments_looked_at, comments_answered, notice_days_over,
        round_recorded, reviewers_asked, opinions_in, opinions_answered, assembly_recorded, assembly_passed, assembly_failed,
        layout_as_noticed, return_items_answered, return_has_items, decision_written, track_fits,
    )
}  # fmt: skip
WITH_STEP = frozenset({return_has_items.__name__})
"""what is brought together with the step, so that it stands in nobody's way before"""
