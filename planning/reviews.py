"""Joint review (联合审查): asking departments and experts, their declarations and opinions, what becomes of each opinion.

The version is locked before anything is written: a step of it and an act of its review never pass each other.
"""

import hashlib
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from planning.models import (
    ENDED,
    UNDER_REVIEW,
    Deadline,
    Declaration,
    Opinion,
    OpinionAnswer,
    PlanVersion,
    ReviewRequest,
    State,
    Zone,
)
from portal import workdays
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import Department, Membership, Role, User
from portal.notify import holders, tell
from portal.rules import STAFF, has_role, prefixes

COUNTY = (Role.COUNTY_REVIEWER, Role.COUNTY_LEADER)
ANSWERERS = (Role.COMMITTEE, Role.PLANNER, Role.TOWNSHIP)
ASKING = (State.ROUND1, State.JOINT_REVIEW)
# an opinion of a version that ended is still answered: its successor is what was made of it
ANSWERING = (*UNDER_REVIEW, State.NOTICE, *ENDED)
TEXT_CHARS, CLAUSE_CHARS, REASON_CHARS, NOTE_CHARS = 5000, 100, 2000, 500
DUE_WITHIN = timedelta(days=365)
USUAL_DAYS = 10
"""working days offered for an answer"""


def visible_to(user: User) -> QuerySet[ReviewRequest]:
    """Requests put to the person; for staff of the division all of them, those called back too."""
    seen = Q(pk__in=ReviewRequest.objects.requested_from(user).values("pk"))
    for prefix in prefixes(user, STAFF):
        seen |= Q(version__plan__village__division__code__startswith=prefix)
    return ReviewRequest.objects.filter(seen).select_related(
        "version__plan__village__division__parent", "expert", "asked_by", "done_by"
    )


def opinions_visible_to(user: User) -> QuerySet[Opinion]:
    """Opinions for officials and authors; whoever was asked sees their own, and the others when theirs is complete."""
    mine = ReviewRequest.objects.open_to(user)
    seen = Q(request__in=mine.values("pk")) | Q(version__in=mine.exclude(done_at=None).values("version"))
    for prefix in prefixes(user, STAFF):
        seen |= Q(version__plan__village__division__code__startswith=prefix)
    rows = Opinion.objects.filter(seen).select_related(
        "request__expert", "author", "zone", "answer__by", "version__plan"
    )
    return rows.defer("zone__geom", "zone__geom_web")


def versions_open_to(user: User) -> QuerySet[PlanVersion]:
    """Versions whose review the person may read: staff of the division, and those asked. That a version is public does
    not open it."""
    seen = Q(pk__in=ReviewRequest.objects.open_to(user).values("version"))
    for prefix in prefixes(user, STAFF):
        seen |= Q(plan__village__division__code__startswith=prefix)
    return PlanVersion.objects.with_plan().filter(seen)


def may_ask(user: User, version: PlanVersion) -> bool:
    return has_role(user, COUNTY, version.division_code)


def may_answer(user: User, version: PlanVersion) -> bool:
    return has_role(user, ANSWERERS, version.division_code)


def handed_in(user: User, version: PlanVersion) -> bool:
    """The person handed in this version or another one of the plan."""
    return version.plan.versions.filter(created_by=user).exists()


def departments_of(version: PlanVersion) -> list[Department]:
    """Departments that have somebody who could answer."""
    rows = Membership.objects.active().filter(role=Role.DEPARTMENT, user__is_active=True)
    there = {m.department for m in rows if version.division_code.startswith(m.prefix)}
    return [department for department in Department if department in there]


def experts_of(version: PlanVersion) -> list[User]:
    """Experts of the division, but none who handed in a version of the plan."""
    return [expert for expert in holders([Role.EXPERT], version.division_code) if not handed_in(expert, version)]


def people_of(request: ReviewRequest) -> list[User]:
    """Those who may answer a request; who declared a conflict of interest on the version may not."""
    if request.expert:
        return [request.expert]
    out = Declaration.objects.filter(request__version=request.version_id, conflict=True).values_list("by", flat=True)
    there = holders([Role.DEPARTMENT], request.division_code, department=request.department)
    return [user for user in there if user.pk not in out]


@transaction.atomic
def ask(
    version: PlanVersion, *, by: User, due_on: date, department: str = "", expert: User | None = None, note: str = ""
) -> ReviewRequest:
    """Ask a line department or an expert for an opinion until a working day to come."""
    if not may_ask(by, version):
        raise NotAllowed(_("Only a reviewer or leader of the county may ask for opinions."))
    version = held(version)
    if version.state not in ASKING:
        raise Conflict(
            _("Opinions are asked for in the joint review, or in the first round to prepare it; the version is now “%(state)s”.")
            % {"state": version.get_state_display()}, code="wrong_state",
        )  # fmt: skip
    note = words(note, NOTE_CHARS, "note", needed=False)
    check_due(due_on, version)
    check_asked(version, department, expert)
    request = ReviewRequest.objects.create(
        version=version, department=department, expert=expert, note=note, asked_by=by, due_on=due_on
    )
    Deadline.objects.create(
        version=version, kind="opinion", request=request, began_on=timezone.localdate(), due_on=due_on
    )
    record("review.asked", request, by=by, after={"version": version.pk, "due_on": due_on.isoformat(), "note": note})
    tell(people_of(request), "opinion_asked", url=page_of(request), day=due_on, **named(version))
    return request


def check_due(due_on: date, version: PlanVersion) -> None:
    """The last day for an answer: a working day after today, within a year."""
    today = timezone.localdate()
    if not today < due_on <= today + DUE_WITHIN:
        raise PortalError(_("The last day for the answer must lie after today, within a year."), code="due_on")
    if not workdays.is_workday(due_on, version.division_code):
        following = workdays.add(due_on, 1, version.division_code)
        raise PortalError(
            _("%(day)s is no working day; the next one is %(next)s.")
            % {"day": date_format(due_on), "next": date_format(following)}, code="due_on",
        )  # fmt: skip


def check_asked(version: PlanVersion, department: str, expert: User | None) -> None:
    """Exactly one department or expert, with somebody who may answer, not asked already."""
    if bool(department) == bool(expert):
        raise PortalError(_("Choose one department or one expert."), code="whom")
    if department and department not in departments_of(version):
        raise PortalError(
            _("Nobody works here for that department yet. Have the administrator add an account first."), code="whom"
        )
    if expert and expert not in experts_of(version):
        raise no_expert()
    if expert and has_conflict(expert, version):
        raise Conflict(_("%(who)s declared a conflict of interest. Ask somebody else.") % {"who": expert},
                       code="conflict_of_interest")  # fmt: skip
    if version.requests.filter(department=department, expert=expert, cancelled_at=None).exists():
        raise Conflict(_("An opinion was asked for there already. Call that request back first."), code="asked")


def no_expert() -> PortalError:
    return PortalError(_("That person is no expert of this division, or handed in a version of the plan."), code="whom")


@transaction.atomic
def call_back(request: ReviewRequest, *, by: User) -> ReviewRequest:
    """Take a request back; who was asked sees neither it nor the version any more. Given opinions stay."""
    if not may_ask(by, request.version):
        raise NotAllowed(_("Only a reviewer or leader of the county may call a request back."))
    request = standing(request)
    if request.done_at:
        raise Conflict(_("The opinion is complete; it cannot be called back any more."), code="done")
    close(request)
    record("review.called_back", request, by=by)
    tell(people_of(request), "opinion_called_back", url=reverse("review-requests"), **named(request.version))
    return request


@transaction.atomic
def declare_interest(request: ReviewRequest, *, by: User, conflict: bool, text: str = "") -> Declaration:
    """Declare a conflict of interest (in words) or its absence, before reading. A conflict ends the request of an expert;
    of a department it keeps out this member alone."""
    check_put_to(request, by)
    request = standing(request)
    if known := request.declarations.filter(by=by, conflict=conflict).first():
        return known
    if has_conflict(by, request.version):
        raise Conflict(
            _("You declared a conflict of interest; that stands. Write to the county if it was a mistake."),
            code="conflict_of_interest",
        )
    text = words(text, NOTE_CHARS, "text", needed=conflict) if conflict else ""
    declared = Declaration.objects.create(request=request, by=by, conflict=conflict, text=text)
    record("review.declared", request, by=by, after={"conflict": conflict, "text": text})
    if conflict:
        if request.expert:
            close(request)
        tell(
            [request.asked_by],
            "opinion_conflict",
            url=page_of(request),
            who=named_asked(request),
            **named(request.version),
        )
    return declared


def has_conflict(user: User, version: PlanVersion) -> bool:
    """The person declared a conflict of interest on some request for this version."""
    return Declaration.objects.filter(request__version=version, by=user, conflict=True).exists()


@transaction.atomic
def give_opinion(
    request: ReviewRequest, *, by: User, stance: str, text: str, zone: int | None = None, clause: str = "",
    score: int | None = None, once: str = "",
) -> Opinion:  # fmt: skip
    """Give one point of an opinion, pinned to a zone (its number), to a clause, or to the whole plan. It never changes: who
    errs gives a further one. `once` is a key of the sender's choice: the same key gives the same opinion again."""
    check_reader(request, by)
    if handed_in(by, request.version):
        raise NotAllowed(_("Whoever handed in a plan may not give an opinion on it."), code="own_plan")
    request = standing(request)
    # a key names an opinion within its request, so that the same one sent to another request is another opinion
    once = hashlib.sha256(f"{request.pk} {once}".encode()).hexdigest()[:40] if once else ""
    if once and (known := Opinion.objects.filter(author=by, once=once).first()):
        return known
    check_open(request.version)
    if stance not in Opinion.Stance:
        raise PortalError(_("Choose whether you agree, agree if it is changed, or object."), code="stance")
    text, clause = words(text, TEXT_CHARS, "text"), words(clause, CLAUSE_CHARS, "clause", needed=False)
    if zone is not None and clause:
        raise PortalError(_("Pin an opinion to a zone or to a clause, not to both: give two."), code="clause")
    check_score(request, score, whole=zone is None and not clause)
    opinion = Opinion.objects.create(
        request=request, version=request.version, author=by, stance=stance, text=text, clause=clause, score=score,
        zone=zone_of(request.version, zone), once=once,
    )  # fmt: skip
    after = {"stance": stance, "zone": zone, "clause": clause, "text": text, "score": score, "late": is_late(opinion)}
    record("review.opinion_given", opinion, by=by, after={"request": request.pk, **after})
    return opinion


def check_score(request: ReviewRequest, score: int | None, *, whole: bool) -> None:
    if score is None:
        return
    if not request.expert or not whole:
        raise PortalError(_("Only experts give a score, with an opinion on the whole plan."), code="score")
    if not 0 <= score <= 100:
        raise PortalError(_("A score lies between 0 and 100."), code="score")


def zone_of(version: PlanVersion, number: int | None) -> Zone | None:
    if number is None:
        return None
    if zone := version.zones.filter(number=number).first():
        return zone
    raise PortalError(_("This version has no zone %(number)s.") % {"number": number}, code="zone")


@transaction.atomic
def finish(request: ReviewRequest, *, by: User) -> ReviewRequest:
    """Say that the opinion is complete; without any point it means no objection (无意见)."""
    check_reader(request, by)
    if handed_in(by, request.version):
        raise NotAllowed(_("Whoever handed in a plan may not give an opinion on it."), code="own_plan")
    request = standing(request)
    if request.done_at:
        raise Conflict(_("%(who)s completed the opinion at %(when)s.") % who_when(request.done_by, request.done_at),
                       code="done")  # fmt: skip
    check_open(request.version)
    request.done_at, request.done_by = timezone.now(), by
    request.save(update_fields=["done_at", "done_by"])
    Deadline.objects.filter(request=request, met_at=None).update(met_at=request.done_at)
    points = request.opinions.count()
    record("review.finished", request, by=by, after={"opinions": points, "late": is_late(request)})
    tell([request.asked_by], "opinion_given", url=page_of(request), who=named_asked(request), **named(request.version))
    return request


@transaction.atomic
def answer(opinion: Opinion, *, by: User, outcome: str, reason: str = "") -> OpinionAnswer:
    """Say what becomes of an opinion, once: adopted, partly or not; the latter two with a reason."""
    if not may_answer(by, opinion.version):
        raise NotAllowed(_("Only the village’s committee or planner, or the township, may answer opinions."))
    if opinion.author_id == by.pk:
        raise NotAllowed(_("Somebody else must answer: this opinion is your own."), code="own_opinion")
    version = held(opinion.version)
    if other := OpinionAnswer.objects.filter(opinion=opinion).select_related("by").first():
        raise Conflict(
            _("%(who)s answered this opinion at %(when)s: %(outcome)s. That answer stands.")
            % {**who_when(other.by, other.at), "outcome": other.get_outcome_display()}, code="answered",
            data={"outcome": other.outcome, "reason": other.reason, "by": str(other.by), "at": other.at.isoformat()},
        )  # fmt: skip
    if version.state not in ANSWERING:
        raise Conflict(_("The version is now “%(state)s”; opinions on it are not answered any more.")
                       % {"state": version.get_state_display()}, code="wrong_state")  # fmt: skip
    if outcome not in OpinionAnswer.Outcome:
        raise PortalError(_("Choose whether the opinion is adopted, partly adopted or not."), code="outcome")
    reason = words(reason, REASON_CHARS, "reason", needed=outcome != OpinionAnswer.Outcome.ADOPTED)
    answered = OpinionAnswer.objects.create(opinion=opinion, outcome=outcome, reason=reason, by=by)
    record("review.opinion_answered", opinion, by=by, after={"outcome": outcome, "reason": reason})
    tell([opinion.author], "opinion_answered", url=page_of(opinion.request), **named(version))
    return answered


# --- what the acts above share


def held(version: PlanVersion) -> PlanVersion:
    return PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)


def standing(request: ReviewRequest) -> ReviewRequest:
    """The request as it is now, with its version held; Conflict if it was called back meanwhile."""
    version = held(request.version)
    found = ReviewRequest.objects.select_related("expert", "asked_by", "done_by").get(pk=request.pk)
    if found.cancelled_at:
        raise Conflict(_("The request was called back meanwhile."), code="called_back")
    found.version = version
    return found


def close(request: ReviewRequest) -> None:
    request.cancelled_at = timezone.now()
    request.save(update_fields=["cancelled_at"])
    Deadline.objects.filter(request=request, met_at=None).update(met_at=request.cancelled_at)


def check_put_to(request: ReviewRequest, by: User) -> None:
    if not ReviewRequest.objects.requested_from(by).filter(pk=request.pk).exists():
        raise NotAllowed(_("This request was not put to you."))


def check_reader(request: ReviewRequest, by: User) -> None:
    """The request was put to the person, who declared to have no interest in it."""
    check_put_to(request, by)
    if not ReviewRequest.objects.open_to(by).filter(pk=request.pk).exists():
        raise NotAllowed(_("Please declare first whether you have a conflict of interest."), code="undeclared")


def check_open(version: PlanVersion) -> None:
    if version.state != State.JOINT_REVIEW:
        raise Conflict(_("Opinions are taken while the version is in joint review; it is now “%(state)s”.")
                       % {"state": version.get_state_display()}, code="wrong_state")  # fmt: skip


def words(text: str, limit: int, code: str, *, needed: bool = True) -> str:
    """Text as it is kept."""
    text = text.replace("\x00", "").strip()
    if needed and not text:
        raise PortalError(_("Please say it in words, at most %(limit)d characters.") % {"limit": limit}, code=code)
    if len(text) > limit:
        raise PortalError(_("That is too long: at most %(limit)d characters.") % {"limit": limit}, code=code)
    return text


def who_when(who: User | None, when: object) -> dict[str, str]:
    return {"who": str(who), "when": f"{timezone.localtime(when):%Y-%m-%d %H:%M}"}


def is_late(given: ReviewRequest | Opinion) -> bool:
    """After the last day: an opinion, or a request that was not completed by then."""
    if isinstance(given, Opinion):
        return timezone.localdate(given.at) > given.request.due_on
    return timezone.localdate(given.done_at or timezone.now()) > given.due_on


def named(version: PlanVersion) -> dict[str, Any]:
    """What every notification says of a version."""
    return {"plan": version.plan.name, "number": version.number}


def named_asked(request: ReviewRequest) -> object:
    """Who was asked, to be said in the reader's language."""
    return str(request.expert) if request.expert else Department(request.department).label


def page_of(request: ReviewRequest) -> str:
    return reverse("review-request", args=[request.pk])
