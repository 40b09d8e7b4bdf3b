"""Pages of e-mail: give an address, choose how often, confirm it by the link of a letter, stop it by the link of a letter."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal import mail_addresses
from portal.errors import PortalError
from portal.mail_addresses import HowOften
from portal.models import User


class OftenForm(forms.Form):
    how_often = forms.ChoiceField(label=gettext_lazy("How often"), choices=HowOften.choices)


class AddressForm(OftenForm):
    address = forms.CharField(
        label=gettext_lazy("E-mail address"), max_length=mail_addresses.ADDRESS_CHARS,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )  # fmt: skip
    field_order = ("address", "how_often")


def told(user: User, form: AddressForm | None = None) -> dict[str, Any]:
    """What templates/portal/includes/me_mail.html needs."""
    shown = mail_addresses.shown(user)
    often = OftenForm(initial={"how_often": shown["how_often"]}, auto_id="often_%s")
    return {
        "mail": shown,
        "address_form": form or AddressForm(initial={"how_often": shown["how_often"]}, auto_id="mail_%s"),
        "often_form": often,
    }


def back() -> HttpResponse:
    return redirect(reverse("me") + "#mail")


@sensitive_post_parameters("address")
@never_cache
@login_required
@require_POST
def give_address(request: HttpRequest) -> HttpResponse:
    """Agree to news by e-mail and say where to."""
    form = AddressForm(request.POST, auto_id="mail_%s")
    if form.is_valid():
        try:
            mail_addresses.give_address(request.user, by=request.user, language=get_language(), **form.cleaned_data)
        except PortalError as error:
            form.add_error("address", str(error.message))
        else:
            messages.success(
                request, _("A letter is on its way to you. Open the link in it within a day: then news come there.")
            )
            return back()
    context = {"form": form, **told(request.user, form)}
    return render(request, "portal/me_mail.html", context, status=400)


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Another rhythm; the letters come in the language of this page."""
    form = OftenForm(request.POST)
    if form.is_valid():
        mail_addresses.choose(request.user, by=request.user, language=get_language(), **form.cleaned_data)
        messages.success(request, _("Kept."))
    return back()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button, because programs open the links of letters before their readers do."""
    if request.method == "POST":
        mail_addresses.confirm(token)
        return render(request, "portal/mail_done.html", {"confirmed": True})
    mail_addresses.confirmable(token)
    return render(request, "portal/mail_confirm.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """One button ends the mail, without signing in."""
    if request.method == "POST":
        mail_addresses.stop(token)
        return render(request, "portal/mail_done.html")
    if mail_addresses.stoppable(token) is None:
        return render(request, "portal/mail_done.html")
    return render(request, "portal/mail_stop.html")
