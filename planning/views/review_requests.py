"""Pages of those who are asked for an opinion: what waits for them, and one request with map, declaration and opinions."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from planning import maps, reviews
from planning.models import Opinion, PlanVersion, ReviewRequest, State
from planning.views.comments import zone_choices
from portal.errors import PortalError
from portal.ids import new_id
from portal.models import User
from portal.pages import add_portal_error
from portal.rules import STAFF, has_role

DONE_SHOWN = 50


class OpinionForm(forms.Form):
    """One point of an opinion; experts may give a score for the whole plan."""

    stance = forms.ChoiceField(
        label=_("Your view"), choices=[("", _("Please choose")), *Opinion.Stance.choices],
        error_messages={"required": _("Choose whether you agree, agree if it is changed, or object.")},
    )  # fmt: skip
    zone = forms.TypedChoiceField(
        label=_("What is it about?"), coerce=int, required=False, empty_value=None,
        help_text=_("A zone, the plan as a whole, or a clause of the text that you name below."),
    )  # fmt: skip
    clause = forms.CharField(
        label=_("Clause (may be empty)"), max_length=reviews.CLAUSE_CHARS, required=False,
        help_text=_("For example: chapter 3, article 12."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("Opinion"), max_length=reviews.TEXT_CHARS,
        help_text=_("What should change, and why. It cannot be changed afterwards; to correct it, add another one."),
        error_messages={"required": _("Please write your opinion.")},
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": reviews.TEXT_CHARS}),
    )  # fmt: skip
    score = forms.IntegerField(
        label=_("Score of the whole plan, 0 to 100 (may be empty)"), min_value=0, max_value=100, required=False
    )
    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, row: ReviewRequest, **kwargs: Any) -> None:
        super().__init__(*args, initial={"once": new_id()}, **kwargs)
        self.fields["zone"].choices = [("", gettext("The plan as a whole")), *zone_choices(row.version)]
        if not row.expert_id:
            del self.fields["score"]


def days_words(row: ReviewRequest) -> str:
    """How long there is to answer, or how late it is."""
    left = (row.due_on - timezone.localdate()).days
    if left < 0:
        return ngettext("%(count)d day late", "%(count)d days late", -left) % {"count": -left}
    if left == 0:
        return gettext("due today")
    return ngettext("%(count)d day left", "%(count)d days left", left) % {"count": left}


def standing(row: ReviewRequest) -> dict[str, str]:
    """What a request is at in one word, and the tag it is shown with."""
    if row.cancelled_at:
        conflict = row.expert_id and any(d.conflict for d in row.declarations.all())
        return {"word": gettext("Conflict of interest") if conflict else gettext("Called back"), "tag": "legacy"}
    if row.done_at:
        late = reviews.is_late(row)
        return {"word": gettext("Complete, late") if late else gettext("Complete"), "tag": "fixed"}
    if row.version.state not in reviews.ASKING:
        return {"word": gettext("Not answered"), "tag": "legacy"}
    return {"word": days_words(row), "tag": "error" if reviews.is_late(row) else "warning"}


def listed(rows: QuerySet[ReviewRequest] | list[ReviewRequest]) -> list[dict[str, Any]]:
    return [{"request": row, **standing(row)} for row in rows]


@login_required
@require_GET
def review_requests(request: HttpRequest) -> HttpResponse:
    """What the person is asked for: late, to answer, done."""
    rows = reviews.visible_to(request.user).filter(pk__in=ReviewRequest.objects.requested_from(request.user))
    rows = rows.prefetch_related("declarations").defer(
        "version__plan__village__geom", "version__plan__village__geom_web"
    )
    waiting = list(rows.filter(done_at=None, version__state__in=reviews.ASKING).order_by("due_on", "pk"))
    over = rows.exclude(done_at=None, version__state__in=reviews.ASKING).order_by("-asked_at", "pk")[:DONE_SHOWN]
    context = {
        "late": listed(row for row in waiting if reviews.is_late(row)),
        "waiting": listed(row for row in waiting if not reviews.is_late(row)),
        "over": listed(over),
        "trail": [(gettext("My desk"), reverse("desk")), (gettext("Opinions asked of you"), "")],
    }
    return render(request, "planning/review_requests.html", context)


def seen(user: User, pk: str) -> ReviewRequest:
    """The one way to a request; whoever was not asked, or is not any more, gets 404."""
    return get_object_or_404(reviews.visible_to(user), pk=pk)


@login_required
@require_GET
def review_request(request: HttpRequest, pk: str) -> HttpResponse:
    """One request: before the declaration only who asks and until when; after it the plan and the opinions."""
    return page(request, seen(request.user, pk))


def page(
    request: HttpRequest, row: ReviewRequest, *, form: OpinionForm | None = None, errors: list[dict[str, str]] | None = None,
    kept: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    user, version = request.user, row.version
    own = ReviewRequest.objects.filter(pk=row.pk)
    asked, reader = own.requested_from(user).exists(), own.open_to(user).exists()
    staff = has_role(user, STAFF, version.division_code)
    may_give = reader and version.state == State.JOINT_REVIEW and not reviews.handed_in(user, version)
    context = {
        "row": row, "version": version, "village": version.plan.village, "asked": asked, "reader": reader, "staff": staff,
        "standing": standing(row), "late": reviews.is_late(row), "may_give": may_give, "errors": errors, "kept": kept,
        "conflict": asked and reviews.has_conflict(user, version),
        "may_call_back": not row.cancelled_at and not row.done_at and reviews.may_ask(user, version),
        "declarations": row.declarations.select_related("by") if staff else [],
        "opinions": reviews.opinions_visible_to(user).filter(request=row),
        "others": reviews.opinions_visible_to(user).filter(version=version).exclude(request=row).count() if reader else 0,
        "form": form or (OpinionForm(row=row) if may_give else None),
        "trail": trail(row, asked),
        **(plan_of(version, user) if reader or staff else {}),
    }  # fmt: skip
    return render(request, "planning/review_request.html", context, status=status)


def plan_of(version: PlanVersion, user: User) -> dict[str, Any]:
    """The map of the plan for whoever may read it."""
    options = {**maps.version_map(version, user), "ready": gettext("The map is ready. Tap a place to choose its zone.")}
    return {"map_options": options, "legend_plan": maps.zone_legend(version)}


def trail(row: ReviewRequest, asked: bool) -> list[tuple[str, str]]:
    """Where the page lies: for those asked among their requests, for officials and authors in the case."""
    if asked:
        way = [(gettext("Opinions asked of you"), reverse("review-requests"))]
    else:
        way = [(str(row.version), f"{reverse('case', args=[row.version_id])}#reviews")]
    return [(gettext("My desk"), reverse("desk")), *way, (str(row), "")]


def act(
    request: HttpRequest, pk: str, do: Callable[[ReviewRequest], Any], done: str, *, kept: str = ""
) -> HttpResponse:
    """Do something with a request and come back to its page; what stands in the way is said there, what was written is kept."""
    address = reverse("review-request", args=[pk])
    if not request.user.is_authenticated:
        return redirect_to_login(address)
    row = seen(request.user, pk)
    try:
        do(row)
    except PortalError as error:
        told = [{"field": "id_conflict_text" if error.code == "text" else "", "text": str(error.message)}]
        return page(request, seen(request.user, pk), errors=told, kept=kept, status=error.status)
    messages.success(request, done)
    # whoever declared a conflict or lost the request has no page of it any more
    still = reviews.visible_to(request.user).filter(pk=pk).exists()
    return redirect(address if still else reverse("review-requests"))


@require_POST
def review_declare(request: HttpRequest, pk: str) -> HttpResponse:
    """Declare a conflict of interest, or that there is none."""
    conflict, text = request.POST.get("conflict") == "yes", request.POST.get("text", "")
    done = gettext("Declared. You are out of this review; the county was told.") if conflict else gettext("Declared. You may read the plan now.")  # fmt: skip
    return act(
        request, pk, lambda row: reviews.declare_interest(row, by=request.user, conflict=conflict, text=text), done, kept=text
    )  # fmt: skip


@require_POST
def review_finish(request: HttpRequest, pk: str) -> HttpResponse:
    """Say that the opinion is complete."""
    return act(
        request, pk, lambda row: reviews.finish(row, by=request.user), gettext("Your opinion is complete. Thank you.")
    )


@require_POST
def review_call_back(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a request back."""
    return act(request, pk, lambda row: reviews.call_back(row, by=request.user), gettext("Called back."))


@require_POST
def review_opinion(request: HttpRequest, pk: str) -> HttpResponse:
    """Give one point of an opinion; what is wrong is said above the form, which keeps the words."""
    address = reverse("review-request", args=[pk])
    if not request.user.is_authenticated:
        return redirect_to_login(address)
    row = seen(request.user, pk)
    form, status = OpinionForm(request.POST, row=row), 400
    if form.is_valid():
        try:
            given = reviews.give_opinion(row, by=request.user, **form.cleaned_data)
        except PortalError as error:
            add_portal_error(form, error)
            status = error.status
        else:
            messages.success(request, gettext("Your opinion is on record."))
            return redirect(f"{address}#opinion-{given.pk}")
    return page(request, row, form=form, status=status)
