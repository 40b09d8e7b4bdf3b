"""The joint review in the case of a version: asking, answering opinions, the list of what was adopted, conditions."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from planning import conditions, reviews
from planning.models import DECIDED, Condition, Opinion, OpinionAnswer, PlanVersion, State
from planning.reports import adoption
from planning.views.comments import zone_choices
from planning.views.moves import staff_version
from planning.views.review_requests import listed
from planning.views.trails import version_trail
from portal import workdays
from portal.errors import PortalError
from portal.models import Department, User
from portal.pages import add_portal_error, saying
from portal.rules import STAFF, has_role


def section(version: PlanVersion, user: User) -> dict[str, Any]:
    """What templates/planning/case/reviews.html says of a version: all to officials and authors, their own to those asked."""
    staff = has_role(user, STAFF, version.division_code)
    opinions = list(reviews.opinions_visible_to(user).filter(version=version))
    rows = reviews.visible_to(user).filter(version=version).prefetch_related("declarations")
    may_set, conditioned = (
        conditions.may_set(user, version),
        version.conditions.select_related("zone", "set_by", "met_by"),
    )
    return {
        "reviews": {
            "staff": staff,
            "requests": listed(rows),
            "opinions": answerable(opinions, user, version),
            "unanswered": sum(not hasattr(o, "answer") and o.stance != Opinion.Stance.AGREE for o in opinions),
            "ask_form": AskForm(version=version, auto_id="id_ask_%s") if asking(user, version) else None,
            "asking_begins": version.state == State.DRAFT,
            "conditions": conditioned.defer("zone__geom", "zone__geom_web") if staff else [],
            "condition_form": ConditionForm(version=version, auto_id="id_condition_%s")
            if may_set and version.state == State.SUBMITTED else None,
            "may_meet": may_set and version.state in DECIDED,
        }
    }  # fmt: skip


def asking(user: User, version: PlanVersion) -> bool:
    return version.state in reviews.ASKING and reviews.may_ask(user, version)


def answerable(opinions: list[Opinion], user: User, version: PlanVersion) -> list[dict[str, Any]]:
    """Opinions, each with the form of its answer where the person may give one."""
    may = version.state in reviews.ANSWERING and reviews.may_answer(user, version)
    return [
        {
            "opinion": opinion, "late": reviews.is_late(opinion), "who": adoption.asked_name(opinion.request, version, user),
            "form": AnswerForm(auto_id=f"id_{opinion.pk}_%s")
            if may and not hasattr(opinion, "answer") and opinion.author_id != user.pk else None,
        }
        for opinion in opinions
    ]  # fmt: skip


class AskForm(forms.Form):
    """Whom to ask, until when, about what."""

    whom = forms.ChoiceField(
        label=_("Department or expert"), error_messages={"required": _("Choose one department or one expert.")}
    )
    due_on = forms.DateField(
        label=_("Answer by"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("A working day after today."), error_messages={"required": _("Give the last day for the answer.")},
    )  # fmt: skip
    note = forms.CharField(
        label=_("What is asked (may be empty)"), max_length=reviews.NOTE_CHARS, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": reviews.NOTE_CHARS}),
    )  # fmt: skip

    def __init__(self, *args: Any, version: PlanVersion, **kwargs: Any) -> None:
        usual = workdays.add(timezone.localdate(), reviews.USUAL_DAYS, version.division_code)
        super().__init__(*args, initial={"due_on": usual}, **kwargs)
        departments = [(f"department:{d.value}", d.label) for d in reviews.departments_of(version)]
        self.experts = {f"expert:{user.username}": user for user in reviews.experts_of(version)}
        self.fields["whom"].choices = [
            ("", gettext("Please choose")),
            (gettext("Line departments"), departments),
            (gettext("Experts"), [(key, str(user)) for key, user in self.experts.items()]),
        ]

    def asked(self) -> dict[str, Any]:
        """The department or the expert that was chosen."""
        kind, _colon, name = self.cleaned_data["whom"].partition(":")
        return (
            {"department": Department(name)}
            if kind == "department"
            else {"expert": self.experts[self.cleaned_data["whom"]]}
        )


class AnswerForm(forms.Form):
    """What becomes of an opinion."""

    outcome = forms.ChoiceField(
        label=_("The opinion is"), choices=[("", _("Please choose")), *OpinionAnswer.Outcome.choices],
        error_messages={"required": _("Choose whether the opinion is adopted, partly adopted or not.")},
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=reviews.REASON_CHARS, required=False,
        help_text=_("What was changed, or why it was not. Needed unless it is adopted."),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": reviews.REASON_CHARS}),
    )  # fmt: skip


class ConditionForm(forms.Form):
    """A condition of the approval."""

    text = forms.CharField(
        label=_("Condition"), max_length=conditions.TEXT_CHARS, error_messages={"required": _("Please write the condition.")},
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": conditions.TEXT_CHARS}),
    )  # fmt: skip
    zone = forms.TypedChoiceField(label=_("Zone"), coerce=int, required=False, empty_value=None)
    due_on = forms.DateField(
        label=_("To be met by (may be empty)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, version: PlanVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [("", gettext("The plan as a whole")), *zone_choices(version)]


class MetForm(forms.Form):
    """How a condition was met."""

    note = forms.CharField(
        label=_("How it was met"), max_length=conditions.NOTE_CHARS, error_messages={"required": _("Please say how it was met.")},
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": conditions.NOTE_CHARS}),
    )  # fmt: skip


def case_url(version: PlanVersion, anchor: str) -> str:
    return f"{reverse('case', args=[version.pk])}#{anchor}"


def filled(
    request: HttpRequest, version: PlanVersion, form: forms.Form, do: Callable[[], Any], *, title: str, button: str,
    anchor: str, done: str, about: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """A form on a page of its own: what is wrong is said there and the words are kept; then back to the case."""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                do()
            except PortalError as error:
                add_portal_error(form, error)
                status = error.status
            else:
                messages.success(request, done)
                return redirect(case_url(version, anchor))
    context = {
        "version": version, "form": form, "title": title, "button": button, "back": case_url(version, anchor),
        "trail": version_trail(version, title, desk=case_url(version, "reviews")), **(about or {}),
    }  # fmt: skip
    return render(request, "planning/review_form.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def review_ask(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask a department or an expert for an opinion."""
    version = staff_version(request.user, pk)
    form = AskForm(request.POST or None, version=version)

    def do() -> None:
        given = form.cleaned_data
        reviews.ask(version, by=request.user, due_on=given["due_on"], note=given["note"], **form.asked())

    return filled(request, version, form, do, title=gettext("Ask for an opinion"), button=gettext("Ask"), anchor="reviews",
                  done=gettext("Asked. Those concerned were told."))  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def opinion_answer(request: HttpRequest, pk: str) -> HttpResponse:
    """Say what becomes of an opinion; whoever comes second is told who was quicker, and keeps the words."""
    opinion = get_object_or_404(reviews.opinions_visible_to(request.user), pk=pk)
    version = staff_version(request.user, opinion.version_id)
    form = AnswerForm(request.POST or None)
    return filled(
        request, version, form, lambda: reviews.answer(opinion, by=request.user, **form.cleaned_data), title=gettext("Answer an opinion"),
        button=gettext("Answer"), anchor=f"opinion-{opinion.pk}", done=gettext("Answered."), about={"opinion": opinion},
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def condition_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Attach a condition to the approval to come."""
    version = staff_version(request.user, pk)
    conditions.check_right(request.user, version)
    form = ConditionForm(request.POST or None, version=version)
    return filled(
        request, version, form, lambda: conditions.set_condition(version, by=request.user, **form.cleaned_data),
        title=gettext("Set a condition"), button=gettext("Set the condition"), anchor="conditions", done=gettext("The condition is set."),
    )  # fmt: skip


@require_POST
def condition_drop(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """Take a condition out again, before the decision."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("case", args=[pk]))
    version = staff_version(request.user, pk)
    with saying(request):
        conditions.drop_condition(condition_of(version, number), by=request.user)
        messages.success(request, gettext("The condition was taken out."))
    return redirect(case_url(version, "conditions"))


@login_required
@require_http_methods(["GET", "POST"])
def condition_met(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """Mark a condition as met."""
    version = staff_version(request.user, pk)
    conditions.check_right(request.user, version)
    condition, form = condition_of(version, number), MetForm(request.POST or None)
    return filled(
        request, version, form, lambda: conditions.meet_condition(condition, by=request.user, **form.cleaned_data),
        title=gettext("A condition was met"), button=gettext("Mark as met"), anchor="conditions", done=gettext("Marked as met."),
        about={"condition": condition},
    )  # fmt: skip


def condition_of(version: PlanVersion, number: int) -> Condition:
    return get_object_or_404(version.conditions.select_related("version__plan", "zone"), number=number)


@login_required
@require_GET
def version_opinions(request: HttpRequest, pk: str) -> HttpResponse:
    """The list of what was adopted (采纳情况表): every opinion with what became of it."""
    version = get_object_or_404(reviews.versions_open_to(request.user), pk=pk)
    staff = has_role(request.user, STAFF, version.division_code)
    title = gettext("Opinions and what became of them")
    way = (
        version_trail(version, title, desk=case_url(version, "reviews"))
        if staff
        else [(gettext("Opinions asked of you"), reverse("review-requests")), (title, "")]
    )
    context = {
        "version": version,
        "village": version.plan.village,
        "staff": staff,
        "trail": way,
        "rows": adoption.rows(version, request.user),
    }
    return render(request, "planning/review_opinions.html", context)


@login_required
@require_GET
def version_opinions_file(request: HttpRequest, pk: str) -> HttpResponse:
    """The same list as a workbook."""
    version = get_object_or_404(reviews.versions_open_to(request.user), pk=pk)
    return adoption.response(version, request.user)
