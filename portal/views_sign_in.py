"""Pages of signing in: name and password, the code, setting up the second factor."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from portal import checks, devices, second_factor, signing_in
from portal.api_throttles import LoginThrottle
from portal.errors import PortalError, TooMany
from portal.models import User

OFFER = "offer"  # a key that a signed-in person is setting up


class CredentialsForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("User name"), max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("Password"), max_length=500, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("One-time code"), max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip


def slow_down(request: HttpRequest) -> None:
    """Guessing is as slow here as through the API, and counted together with it."""
    if not LoginThrottle().allow_request(request, None):
        raise TooMany(_("Too many attempts. Please wait a minute and try again."))


def way_back(request: HttpRequest) -> str:
    """Where the person came from, if that is a page of ours; else the desk or home."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if safe else reverse(settings.LOGIN_REDIRECT_URL)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The first step: name and password."""
    if request.user.is_authenticated:
        return redirect(way_back(request))
    form = CredentialsForm(request.POST or None)
    if request.method == "POST":
        slow_down(request)
        if form.is_valid():
            try:
                return go_on(request, signing_in.check_password(request, **form.cleaned_data))
            except signing_in.WrongCredentials as error:
                form.add_error(None, str(error.message))
    return render(request, "portal/login.html", {"form": form, "next": way_back(request), **demo_accounts()})


def demo_accounts() -> dict[str, Any]:
    if not settings.DEMO:
        return {}
    people = User.objects.filter(username__startswith="demo_").prefetch_related("memberships")
    return {"demo_accounts": people, "demo_password": checks.DEMO_PASSWORD, "code_asked": settings.SECOND_FACTOR}


def go_on(request: HttpRequest, user: User) -> HttpResponse:
    """After the right password: the session, or the second step of whoever needs one."""
    back = way_back(request)
    if second_factor.is_asked_of(user):
        signing_in.wait_for_code(request, user, back)
        return redirect("second-factor" if second_factor.has_one(user) else "second-factor-new")
    return signed_in(request, user, redirect(back), by_code=False)


def signed_in(request: HttpRequest, user: User, response: HttpResponse, *, by_code: bool) -> HttpResponse:
    signing_in.open_session(request, user, by_code=by_code)
    devices.remember(response, user)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step: the code of the app, or a recovery code."""
    user = signing_in.who_waits(request)
    if user is None or not second_factor.has_one(user):
        return redirect("login")
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        slow_down(request)
        if form.is_valid():
            back = request.session[signing_in.PENDING]["back"]
            try:
                second_factor.check(user, form.cleaned_data["code"])
                return signed_in(request, user, redirect(back), by_code=True)
            except second_factor.WrongCode as error:
                form.add_error("code", str(error.message))
    return render(request, "portal/second_factor.html", {"form": form})


def offered(request: HttpRequest) -> tuple[User, str] | None:
    """Who is setting up a second factor here, and the sealed offer: at sign-in, or on the own page."""
    if request.user.is_authenticated:
        offer = request.session.get(OFFER)
        return (request.user, offer) if offer else None
    user = signing_in.who_waits(request)
    offer = request.session[signing_in.PENDING]["offer"] if user else ""
    return (user, offer) if offer else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Scan the picture, prove it by a code; the recovery codes are in the answer and nowhere else."""
    found = offered(request)
    if found is None:
        return redirect("account-sign-in" if request.user.is_authenticated else "login")
    user, offer = found
    key = second_factor.key_of(offer, user)
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        slow_down(request)
        if form.is_valid():
            try:
                codes = second_factor.set_up(user, offer, form.cleaned_data["code"])
                return set_up_done(request, user, codes)
            except second_factor.WrongCode as error:
                form.add_error("code", str(error.message))
    grouped = " ".join(key[n : n + 4] for n in range(0, len(key), 4))
    told = {"form": form, "key": grouped, "address": second_factor.address_of(key, user), "required": user.holds_office}
    return render(request, "portal/second_factor_new.html", told)


def set_up_done(request: HttpRequest, user: User, codes: list[str]) -> HttpResponse:
    request.session.pop(OFFER, None)
    pending = request.session.get(signing_in.PENDING)
    back = pending["back"] if pending else reverse("account-sign-in")
    signing_in.open_session(request, user, by_code=True)
    response = render(request, "portal/second_factor_codes.html", {"codes": codes, "back": back})
    devices.remember(response, user)
    return response


@never_cache
@require_GET
def picture(request: HttpRequest) -> HttpResponse:
    """The QR picture of the key that is being set up, for nobody else."""
    found = offered(request)
    if found is None:
        raise Http404
    user, offer = found
    try:
        key = second_factor.key_of(offer, user)
    except PortalError as error:
        raise Http404 from error
    return HttpResponse(second_factor.picture_of(key, user), content_type="image/svg+xml")
