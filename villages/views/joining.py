"""Pages of joining with the code of a household: one short page, then the user name to write down."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import devices, grades, signing_in
from portal.errors import PortalError
from portal.nicknames import MOST
from portal.pages import add_portal_error
from villages import joining
from villages.household_codes import grouped, read
from villages.models import HouseholdCode


class CodeForm(forms.Form):
    """What is asked of somebody who has an account already."""

    code = forms.CharField(
        label=gettext_lazy("Code of your household"), max_length=40,
        help_text=gettext_lazy("It stands on your slip, like K7MP-3WQH-D9X. Small letters are right too."),
        error_messages={"required": gettext_lazy("Please type the code of your slip.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip
    agreed = forms.BooleanField(
        label=gettext_lazy("I agree that this is kept."),
        error_messages={"required": gettext_lazy("Please agree first that these data are kept.")},
    )


class JoinForm(CodeForm):
    """What is asked of somebody without an account."""

    nickname = forms.CharField(
        label=gettext_lazy("What shall we call you in public?"), max_length=MOST * 2, required=False,
        help_text=gettext_lazy("A nickname of 2 to 20 characters. Left empty, your comments stand under “Villager”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("Think of a password"), max_length=500, strip=False,
        help_text=gettext_lazy("At least 8 characters. Write it down and keep it at home."),
        error_messages={"required": gettext_lazy("Please think of a password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )  # fmt: skip
    field_order = ("code", "nickname", "password", "agreed")


@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, code: str = "") -> HttpResponse:
    """Scan or type the code, open an account or add the household to the one that is signed in."""
    shape = CodeForm if request.user.is_authenticated else JoinForm
    form = shape(
        request.POST if request.method == "POST" else None,
        initial={"code": grouped(read(code)) if read(code) else code[:40]},
    )
    found, status = None, 200
    typed = request.POST.get("code", "")[:200] if request.method == "POST" else code
    if typed:
        try:
            found = joining.tried(request, typed)
        except PortalError as error:
            return join_page(request, form, None, status=404 if error.status == 400 else error.status, trouble=error)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                return joined(request, form.cleaned_data)
            except PortalError as error:
                status = error.status
                add_portal_error(form, error, household_code="code")
    return join_page(request, form, found, status=status)


def join_page(
    request: HttpRequest, form: forms.Form, found: HouseholdCode | None, *, status: int, trouble: PortalError | None = None
) -> HttpResponse:  # fmt: skip
    told: dict[str, Any] = {"form": form, "village": found.household.village if found else None}
    if trouble:
        told["errors"] = [{"field": "id_code", "text": str(trouble.message)}]
    return render(request, "villages/join.html", told, status=status)


def joined(request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
    """The account or the household in it; who joins is signed in at once."""
    response = redirect("joined")
    if request.user.is_authenticated:
        user = joining.add(given["code"], by=request.user, agreed=given["agreed"])
        update_session_auth_hash(request, user)  # a new role ends sessions; this one goes on
        messages.success(request, _("The household is in your account now."))
        return response
    user = joining.join(**given)
    signing_in.open_session(request, user, by_code=False)
    devices.remember(response, user)
    return response


@never_cache
@login_required
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """The user name, large, to write down or print."""
    return render(request, "villages/joined.html", {"member": grades.member_of(request.user)})


@login_required
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Take the household out of the own account."""
    joining.leave(request.user, by=request.user)
    messages.success(request, _("The household is not in your account any more."))
    return redirect("me")
