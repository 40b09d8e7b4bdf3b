"""What lies on a desk, by role: each heap is a section, each row has one clear next action."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from indicators.views import desk_reviews
from indicators.views.desk_rows import ROWS, Row, Section, listed, review_url
from indicators.views.public import days_left
from planning import conflicts, freshness, waivers, workflow
from planning.models import ENDED, UNDER_REVIEW, Comment, Finding, PlanVersion, State, Waiver
from planning.news import name_of
from planning.views.uploads import own_villages, staff_uploads, verdict_of
from planning.waiting import within
from portal.models import Role, Upload, User
from portal.rules import prefixes
from portal.templatetags.portal import day

AUTHORS = (Role.COMMITTEE, Role.PLANNER)
COUNTY = (Role.COUNTY_REVIEWER, Role.COUNTY_LEADER)

VERDICTS = {
    "waiting": gettext_lazy("Being checked"),
    "accepted": gettext_lazy("Accepted"),
    "refused": gettext_lazy("Refused, nothing stored"),
    "failed": gettext_lazy("Not checked"),
}


def sections(user: User) -> list[Section]:
    """The heaps of each role the person holds."""
    return mark_stale(list(heaps(user)))


def heaps(user: User) -> Iterable[Section]:
    if authors := prefixes(user, AUTHORS):
        yield returned_to_authors(authors)
        yield to_hand_on(user, authors, State.DRAFT)
    if towns := prefixes(user, (Role.TOWNSHIP,)):
        yield to_hand_on(user, towns, State.ROUND1, State.ASSEMBLY, State.QUALITY_CHECK, State.APPROVED)
        yield from notices_of_township(user, towns)
    if authors or towns:
        yield unanswered(user, [*authors, *towns])
        if (opinions := desk_reviews.opinions_to_answer([*authors, *towns])).total:
            yield opinions
    if authors:
        yield my_villages(user)
        yield last_uploads(user, authors)
    if counties := prefixes(user, COUNTY):
        yield under_review(counties)
        yield exceptions(user)
        yield running(counties)
        yield returned(counties)
    if prefixes(user, (Role.DEPARTMENT, Role.EXPERT)):
        yield desk_reviews.opinions_asked(user)
    if not user.active_memberships() or prefixes(user, (Role.RESIDENT,)) or user.comments.exists():
        yield my_comments(user)


def versions(codes: Iterable[str], *states: str) -> QuerySet[PlanVersion]:
    """Versions in these states with what the desk says of them; counted by the database, not row by row."""
    real = Q(findings__category=Finding.Category.REAL, findings__severity=Finding.Severity.BLOCK)
    waiting = Exists(Comment.objects.to_answer().filter(pk=OuterRef("comments__pk")))
    return (
        PlanVersion.objects.filter(within(codes, "plan__village__division__code"), state__in=states)
        .select_related("plan__village__division__parent", "notice", "created_by")
        .defer("plan__village__geom", "plan__village__geom_web")
        .annotate(
            since=Max("steps__at"),
            real=Count("findings", filter=real, distinct=True),
            unanswered=Count("comments", filter=Q(waiting), distinct=True),
        )
    )


def mark_stale(found: list[Section]) -> list[Section]:
    """Say of every version on the desk whose results are out of date that they are."""
    rows = [row for section in found for row in section.rows if row.version]
    unknown = {row.version.pk: row.version for row in rows if not hasattr(row.version, "out_of_date")}
    stale = freshness.stale_among(unknown.values())
    for row in rows:
        if getattr(row.version, "out_of_date", row.version.pk in stale):
            row.stale = True
    return found


def conflicts_and_comments(version: PlanVersion) -> list[str]:
    facts = []
    if version.real:
        facts.append(
            ngettext("%(count)d real conflict", "%(count)d real conflicts", version.real) % {"count": version.real}
        )
    if version.unanswered:
        text = ngettext("%(count)d comment without answer", "%(count)d comments without answer", version.unanswered)
        facts.append(text % {"count": version.unanswered})
    return facts


def returned_to_authors(codes: list[str]) -> Section:
    """Returned versions that no newer one has followed."""
    newer = PlanVersion.objects.filter(plan=OuterRef("plan"), number__gt=OuterRef("number"))
    found = versions(codes, State.RETURNED).filter(~Exists(newer)).order_by("since")

    def row(version: PlanVersion) -> Row:
        step = version.steps.filter(to_state=State.RETURNED).last()
        facts = [_("Returned on %(day)s") % {"day": day(step.at)}, step.note] if step else []
        url = f"{reverse('upload-new')}?village={version.plan.village_id}"
        return Row(name_of(version), _("Hand in a changed plan"), url, facts, version, primary=True)

    return listed("returned", _("Returned to you"), found, row, _("No plan was returned."))


def unanswered(user: User, codes: list[str]) -> Section:
    """Versions with comments nobody has answered, the longest waiting first; those that ended too, until a later one is approved."""
    silent = Comment.objects.to_answer()
    found = (
        versions(codes, State.NOTICE, *UNDER_REVIEW, *ENDED)
        .undecided()
        .filter(Exists(silent.filter(version=OuterRef("pk"))))
        .annotate(oldest=Min("comments__created_at", filter=Q(comments__in=silent)))
        .order_by("oldest")
    )

    def row(version: PlanVersion) -> Row:
        may = user.has_perm("planning.reply", version)
        facts = [*conflicts_and_comments(version)[-1:], _("The oldest is from %(day)s") % {"day": day(version.oldest)}]
        return Row(
            name_of(version),
            _("Answer") if may else _("Read"),
            f"{review_url(version)}#comments",
            facts,
            version,
            primary=may,
        )

    return listed("comments", _("Comments without answer"), found, row, _("Every comment has an answer."))


def my_villages(user: User) -> Section:
    newest = Max("plans__versions__created_at")
    found = own_villages(user).defer("geom", "geom_web").annotate(newest=newest).order_by("-newest", "pk")

    def row(village: Any) -> Row:
        version = PlanVersion.objects.filter(plan__village=village).order_by("-created_at").first()
        facts = [_("Version %(number)s") % {"number": version.number}] if version else [_("No plan was handed in yet.")]
        url = f"{reverse('upload-new')}?village={village.code}"
        return Row(f"{village.short_name} ({village.division.parent})", _("Hand in a plan"), url, facts, version)

    return listed(
        "villages",
        _("My villages"),
        found,
        row,
        _("No village is assigned to you. Ask the administrator of your county."),
    )


def last_uploads(user: User, codes: list[str]) -> Section:
    found = staff_uploads(user).filter(within(codes, "division_code")).annotate(
        errors=Count("issues", filter=Q(issues__level="error")), warnings=Count("issues", filter=Q(issues__level="warning"))
    ).order_by("-created_at")  # fmt: skip

    def row(upload: Upload) -> Row:
        verdict = verdict_of(upload)
        facts = [day(upload.created_at)]
        if upload.errors:
            facts.append(ngettext("%(count)d error", "%(count)d errors", upload.errors) % {"count": upload.errors})
        if upload.warnings:
            facts.append(
                ngettext("%(count)d warning", "%(count)d warnings", upload.warnings) % {"count": upload.warnings}
            )
        actions = {
            "waiting": _("See how far it is"),
            "accepted": _("Open"),
            "refused": _("See what is wrong"),
            "failed": _("See why"),
        }
        return Row(
            upload.name, actions[verdict], reverse("upload", args=[upload.pk]), facts, None, verdict, VERDICTS[verdict]
        )

    section = listed(
        "uploads",
        _("Last files"),
        found,
        row,
        _("No file was handed in yet. Choose a village above and hand in its plan."),
    )
    section.rows = section.rows[:8]
    return section


def to_hand_on(user: User, codes: list[str], *states: str) -> Section:
    """Versions that the person may take a step further, with the step or with what it lacks."""

    def row(version: PlanVersion) -> Row:
        since = version.since or version.created_at
        facts = [_("Since %(day)s") % {"day": day(since)}, *conflicts_and_comments(version)]
        onward = [t for t in workflow.allowed(version, user) if not t.needs_note]
        lacking = {t.name: workflow.missing(version, t) for t in onward}
        ready = next((t for t in onward if not lacking[t.name]), None)
        if ready:
            return Row(name_of(version), ready.label, f"{review_url(version)}#decision", facts, version, primary=True)
        needed = lacking[onward[0].name] if onward else []
        return Row(name_of(version), _("Look at it"), review_url(version), [*facts, *needed], version)

    return listed(
        "drafts", _("Plans to hand on"), versions(codes, *states).order_by("created_at"), row,
        _("No plan waits for your step. When it is your turn, it appears here."),
    )  # fmt: skip


def notices_of_township(user: User, codes: list[str]) -> Iterable[Section]:
    """Notices that may close now, and those that still run."""
    ready, open_ = [], []
    for version in versions(codes, State.NOTICE).order_by("notice__closes_on", "pk"):
        step = next((t for t in workflow.allowed(version, user) if not t.needs_note), None)
        lacking = workflow.missing(version, step) if step else []
        if lacking or step is None:
            open_.append(
                Row(name_of(version), _("Open"), review_url(version), [*days_words(version), *lacking], version)
            )
        else:
            ready.append(
                Row(
                    name_of(version),
                    step.label,
                    f"{review_url(version)}#decision",
                    days_words(version),
                    version,
                    primary=True,
                )
            )
    yield Section(
        "ready",
        _("Ready to hand on"),
        ready[:ROWS],
        _("Nothing is ready. A notice can be closed when its days are over and every comment has an answer."),
        len(ready),
    )
    yield Section("notices", _("Public notices running"), open_[:ROWS], _("No public notice is running."), len(open_))


def days_words(version: PlanVersion) -> list[str]:
    left = days_left(version)
    if left is None:
        return []
    if left < 0:
        return [_("The days of the notice are over")]
    text = ngettext("%(count)d day left, until %(day)s", "%(count)d days left, until %(day)s", left)
    return [text % {"count": left, "day": day(version.notice.closes_on)}]


def under_review(codes: list[str]) -> Section:
    found = versions(codes, *UNDER_REVIEW).order_by("since", "pk")

    def row(version: PlanVersion) -> Row:
        days = (timezone.now() - version.since).days if version.since else 0
        waits = ngettext("waits for %(count)d day", "waits for %(count)d days", days) % {"count": days}
        facts = [waits, *conflicts_and_comments(version)]
        return Row(name_of(version), _("Review"), review_url(version), facts, version, primary=True)

    return listed("review", _("Under review, oldest first"), found, row, _("Nothing waits for your decision."))


def exceptions(user: User) -> Section:
    """Exceptions that wait for a second person, the longest waiting first; one's own wait for somebody else."""
    found = waivers.visible_to(user).filter(state=Waiver.State.PROPOSED).defer("geom").order_by("proposed_at", "pk")

    def row(waiver: Waiver) -> Row:
        may = waivers.may_decide(user, waiver)
        asked = _("Asked for by %(name)s on %(day)s") % {"name": waiver.proposed_by, "day": day(waiver.proposed_at)}
        facts = [conflicts.name(waiver.code), waiver.document_number, asked]
        action = _("Read and decide") if may else _("Open")
        return Row(
            name_of(waiver.version), action, reverse("waiver", args=[waiver.pk]), facts, waiver.version, primary=may
        )

    return listed(
        "exceptions", _("Exceptions that wait for a second person"), found, row, _("No exception waits for a decision.")
    )


def running(codes: list[str]) -> Section:
    found = versions(codes, State.NOTICE).order_by("notice__closes_on", "pk")

    def row(version: PlanVersion) -> Row:
        return Row(
            name_of(version),
            _("Open"),
            review_url(version),
            [*days_words(version), *conflicts_and_comments(version)],
            version,
        )

    return listed("county-notices", _("Public notices running"), found, row, _("No public notice is running."))


def returned(codes: list[str]) -> Section:
    found = versions(codes, State.RETURNED).order_by("-since", "pk")

    def row(version: PlanVersion) -> Row:
        facts = [_("Returned on %(day)s") % {"day": day(version.since)}] if version.since else []
        return Row(name_of(version), _("Open"), review_url(version), facts, version)

    return listed("county-returned", _("Returned"), found, row, _("Nothing was returned."))


def my_comments(user: User) -> Section:
    found = (
        user.comments.select_related("version__plan__village__division__parent")
        .prefetch_related("replies")
        .order_by("-created_at")
    )

    def row(comment: Comment) -> Row:
        answered = comment.is_answered
        open_words = _("Waits for a look") if comment.waits else _("Not answered yet")
        facts = [day(comment.created_at), _("Answered") if answered else open_words]
        url = comment.get_absolute_url()
        return Row(
            str(comment),
            _("Read the answer") if answered else _("Open"),
            url,
            [name_of(comment.version), *facts],
            primary=answered,
        )

    return listed(
        "mine",
        _("My comments"),
        found,
        row,
        _("You have not commented yet. Open a public draft, tap the map and say what you think."),
    )
