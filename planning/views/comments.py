"""Commenting on a public draft and answering, from the pages: works without scripts, keeps what was written."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.gis.geos import GEOSGeometry
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from planning import answers, below, held, maps, moderation, participation
from planning.comment_shapes import area_in
from planning.models import Adoption, Comment, PlanVersion
from planning.photos import waiting_of
from planning.views.many_choices import ManyChoices
from planning.views.moderation import seen_comment
from planning.views.photos import photos_of
from portal.api_throttles import CommentThrottle
from portal.bodies import takes_files
from portal.errors import NotAllowed, PortalError, TooMany
from portal.ids import new_id
from portal.models import User
from portal.pages import add_portal_error

TEXT_LIMIT = 2000
SHAPE_CHARS = 200_000
"""of the GeoJSON of an area in a form: more than its 2000 corners need"""


class CommentForm(forms.Form):
    """A comment on the plan as a whole, a zone, a project, a place or an area of the map (lon, lat and shape are set by the
    script), with photos that were sent before (`photos`) or come with it (`photo`)."""

    zone = forms.TypedChoiceField(
        label=_("Which zone?"), coerce=int, required=False, empty_value=None, widget=ManyChoices
    )
    project = forms.TypedChoiceField(label=_("Which project?"), coerce=int, required=False, empty_value=None)
    text = forms.CharField(
        label=_("Your comment"), max_length=TEXT_LIMIT, required=False,
        help_text=_("Say it in your own words. Your name is shown masked; please do not write telephone or ID numbers."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    shape = forms.CharField(required=False, max_length=SHAPE_CHARS, widget=forms.HiddenInput)
    once = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, version: PlanVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # asked for when something was sent; a form that is only shown has its options written already
        self.fields["zone"].choices = lambda: [("", gettext("No zone in particular")), *zone_choices(version)]
        self.fields["zone"].widget.key = f"zone-options:{version.pk}:{version.digest}:{get_language()}"
        projects = list(version.projects.values_list("number", "name").order_by("number"))
        if projects:
            self.fields["project"].choices = [("", gettext("No project in particular")), *projects]
        else:
            del self.fields["project"]

    def clean_shape(self) -> GEOSGeometry | None:
        try:
            return area_in(self.cleaned_data["shape"])
        except PortalError as error:
            raise forms.ValidationError(str(error.message)) from error


def zone_choices(version: PlanVersion) -> list[tuple[str, list[tuple[int, str]]]]:
    """Zones to choose from, grouped by what is planned there."""
    zones = list(version.zones.values_list("number", "code").order_by("code", "number"))
    known = maps.classes(code for _number, code in zones)
    groups: dict[str, list[tuple[int, str]]] = {}
    for number, code in zones:
        name = known[code].name if code in known else code
        groups.setdefault(name, []).append(
            (number, gettext("Zone %(number)s · %(name)s") % {"number": number, "name": name})
        )
    return list(groups.items())


def new_form(version: PlanVersion, given: Any) -> CommentForm:
    """An empty form; `given` (the address's query) may hold the zone, project and place chosen before signing in."""
    initial = {name: given[name] for name in ("zone", "project", "lon", "lat") if given.get(name)}
    return CommentForm(version=version, initial={**initial, "once": new_id()})


def form_context(version: PlanVersion, user: User, form: CommentForm | None) -> dict[str, Any]:
    """What the fields of a comment need; nothing where one cannot comment."""
    return {"version": version, "form": form, "waiting_photos": waiting_of(version, user) if form else []}


@takes_files
@require_http_methods(["GET", "POST"])
def comment_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Post a comment; what is wrong is said on a page of its own that still holds the text."""
    version = get_object_or_404(PlanVersion.objects.visible_to(request.user).with_plan(), pk=pk)
    page = reverse("version", args=[version.pk])
    if not request.user.is_authenticated:
        return redirect_to_login(f"{page}#comment-form")
    if request.method == "GET":
        form = new_form(version, request.GET)
        return render(request, "planning/comment_new.html", form_context(version, request.user, form))
    form = CommentForm(request.POST, version=version)
    status = 400
    if form.is_valid():
        try:
            comment = posted(request, version, form.cleaned_data)
        except PortalError as error:
            add_portal_error(form, error)
            status = error.status
        else:
            messages.success(request, thanks(comment))
            return redirect(comment)
    context = form_context(version, request.user, form)
    return render(request, "planning/comment_new.html", context, status=status)


def thanks(comment: Comment) -> str:
    """What becomes of a comment, said at once to its author."""
    said = gettext("Thank you. Your comment is public now; the village committee will answer it here.")
    numbers = held.told_of_numbers() if moderation.is_starred(comment, comment.author) else ""
    return f"{held.told(comment) if comment.waits else said} {numbers}".strip()


def posted(request: HttpRequest, version: PlanVersion, data: dict[str, Any]) -> Comment:
    if not CommentThrottle().allow_request(request, None):
        raise TooMany(_("You have written a lot in a short time. Please go on in an hour."))
    return participation.post_comment(version, by=request.user, photos=photos_of(request, version), **data)


@require_http_methods(["GET", "POST"])
def reply_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Answer a comment officially, then go back to the page the answer was written on."""
    comment = seen_comment(request.user, pk)
    moderation.mark([comment], request.user)
    page = reverse("version", args=[comment.version_id])
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = page
    if not request.user.is_authenticated:
        return redirect_to_login(f"{page}#comment-{comment.pk}")
    if not request.user.has_perm("planning.reply", comment):
        raise NotAllowed(_("Only the village committee, its planner or the township may answer."))
    below.attach([comment], comment.version, request.user)
    context = {
        "comment": comment, "version": comment.version, "back": back, "text": request.POST.get("text", ""),
        "adoption": request.POST.get("adoption", ""), "adoptions": Adoption.choices,
    }  # fmt: skip
    if request.method == "POST":
        try:
            answers.answer(comment, by=request.user, text=context["text"], adoption=context["adoption"])
        except PortalError as error:
            of_state, said = error.code == "adoption", str(error.message)
            context["errors"] = [{"field": "adoption-adopted" if of_state else "id_text", "text": said}]
            context["adoption_error" if of_state else "text_error"] = said
            return render(request, "planning/reply_new.html", context, status=error.status)
        messages.success(request, gettext("The answer is public now."))
        return redirect(f"{back}#comment-{comment.pk}")
    return render(request, "planning/reply_new.html", context)
