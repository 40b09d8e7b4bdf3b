"""Heaps of the joint review on a desk: opinions asked of a department or expert, opinions that a village has to answer."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.views.desk_rows import Row, Section, listed
from planning import reviews
from planning.models import Opinion, PlanVersion, ReviewRequest, State
from planning.news import name_of
from planning.views.review_requests import days_words
from planning.waiting import within
from portal.models import User
from portal.templatetags.portal import day


def opinions_asked(user: User) -> Section:
    """Requests that wait for the person, those due first at the top."""
    found = reviews.visible_to(user).filter(
        pk__in=ReviewRequest.objects.requested_from(user), done_at=None, version__state__in=reviews.ASKING
    )

    def row(request: ReviewRequest) -> Row:
        late = reviews.is_late(request)
        facts = [_("answer by %(day)s") % {"day": day(request.due_on)}, days_words(request)]
        return Row(
            name_of(request.version), _("Read and answer"), reverse("review-request", args=[request.pk]), facts,
            verdict="refused" if late else "", tag=_("late") if late else "", primary=True,
        )  # fmt: skip

    empty = _("Nothing waits for your answer. When the county asks you, it stands here and you are told.")
    return listed("opinions-asked", _("Opinions asked of you"), found.order_by("due_on", "pk"), row, empty)


def opinions_to_answer(codes: list[str]) -> Section:
    """Versions with opinions nobody has answered that ask for something."""
    waiting = Q(opinions__answer=None) & ~Q(opinions__stance=Opinion.Stance.AGREE)
    found = (
        PlanVersion.objects.undecided()
        .filter(within(codes, "plan__village__division__code"), state__in=reviews.ANSWERING)
        .select_related("plan__village__division__parent")
        .defer("plan__village__geom", "plan__village__geom_web")
        .annotate(silent=Count("opinions", filter=waiting, distinct=True))
        .filter(silent__gt=0)
        .order_by("created_at")
    )

    def row(version: PlanVersion) -> Row:
        text = ngettext("%(count)d opinion without answer", "%(count)d opinions without answer", version.silent)
        primary = version.state == State.JOINT_REVIEW
        url = f"{reverse('case', args=[version.pk])}#opinions"
        return Row(name_of(version), _("Answer"), url, [text % {"count": version.silent}], version, primary=primary)

    return listed("opinions", _("Opinions without answer"), found, row, _("Every opinion has an answer."))
