"""Pages of following: the list, the button on other pages, an area drawn on the map of a village."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from planning import follows, maps
from planning.comment_shapes import area_in, outline
from planning.models import Follow, Plan, PlanVersion
from portal.errors import PortalError
from portal.models import User
from portal.pages import add_portal_error
from villages.maps import base_map
from villages.models import Village


class AreaForm(forms.Form):
    """An area and its name; the outline comes from the script as GeoJSON."""

    area = forms.CharField(widget=forms.HiddenInput, max_length=200_000, required=False)
    name = forms.CharField(
        label=gettext_lazy("Name it"), max_length=follows.NAME_CHARS, required=False,
        help_text=gettext_lazy("So that you know which one is meant, such as “my field”. Only you read it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


@require_GET
def following(request: HttpRequest) -> HttpResponse:
    """What the person follows; who is not signed in reads what it is good for."""
    if not request.user.is_authenticated:
        return render(request, "planning/following.html", {"trail": [(_("Following"), "")]})
    rows = list(follows.of_user(request.user))
    context = {
        "rows": [{**follows.shown(row), "url": place_of(row)} for row in rows],
        "most": follows.MOST, "trail": [(_("Following"), "")],
    }  # fmt: skip
    return render(request, "planning/following.html", context)


def place_of(row: Follow) -> str:
    """Where what is followed can be looked at."""
    return reverse("village", args=[row.village_id])


@require_POST
def follow_new(request: HttpRequest, code: str) -> HttpResponse:
    """The button: follow a village, or the plan whose id comes with it."""
    village = get_object_or_404(Village, pk=code)
    if not request.user.is_authenticated:
        return redirect_to_login(back_to(request, village))
    plan = None
    if request.POST.get("plan"):
        plan = get_object_or_404(Plan.objects.visible_to(request.user), pk=request.POST["plan"], village=village)
    follows.follow(by=request.user, village=village, plan=plan)
    messages.success(request, _("You follow it now: when something happens, you are told under “Notifications”."))
    return redirect(back_to(request, village))


def back_to(request: HttpRequest, village: Village) -> str:
    """The page whose button was pressed."""
    page = request.POST.get("next", "")
    safe = page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
    return page if safe else reverse("village", args=[village.pk])


def own_follow(user: User, pk: str) -> Follow:
    return get_object_or_404(follows.of_user(user), pk=pk)


@login_required
@require_POST
def follow_rename(request: HttpRequest, pk: str) -> HttpResponse:
    follows.rename(own_follow(request.user, pk), by=request.user, name=request.POST.get("name", ""))
    messages.success(request, _("Kept."))
    return redirect("following")


@login_required
@require_POST
def follow_end(request: HttpRequest, pk: str) -> HttpResponse:
    row = own_follow(request.user, pk)
    village = row.village
    follows.unfollow(row, by=request.user)
    messages.success(request, _("You do not follow it any more."))
    return redirect(back_to(request, village) if request.POST.get("next") else "following")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def follow_area(request: HttpRequest, code: str) -> HttpResponse:
    """Draw an area on the map of a village, and follow it."""
    village = get_object_or_404(Village.objects.select_related("division__parent__parent"), pk=code)
    form = AreaForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            area = area_in(form.cleaned_data["area"])
            if area is None:
                raise PortalError(_("Please draw an area on the map."), code="shape")
            follows.follow(by=request.user, village=village, area=area, name=form.cleaned_data["name"])
        except PortalError as error:
            add_portal_error(form, error)
        else:
            messages.success(request, _("You follow the area now: when a plan changes something in it, you are told."))
            return redirect("following")
    context = {
        "village": village, "form": form, "map_options": map_of(village, request.user),
        "trail": [(village.short_name, reverse("village", args=[village.pk])), (_("Follow an area"), "")],
    }  # fmt: skip
    return render(request, "planning/follow_area.html", context, status=400 if form.errors else 200)


def map_of(village: Village, user: User) -> dict[str, Any]:
    """The newest plan the person may see, else the land as it is; with the areas the person follows here."""
    version = PlanVersion.objects.visible_to(user).with_plan().filter(plan__village=village).order_by("number").last()
    options = maps.version_map(version, user) if version else base_map(village, user)
    for name in ("picture", "print"):
        options.pop(name, None)
    drawn = user.follows.filter(village=village, area__isnull=False)
    options["areas"] = [{"name": follows.title(row), "shape": outline(row.area)} for row in drawn]
    options["ready"] = _("The map is ready. Set the corners of your area, one after the other.")
    return options
