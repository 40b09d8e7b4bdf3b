"""Pages of personal data: one's own (我的数据), and those of the residents whom committee and township look after."""

import json
from typing import Any

from django import forms
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import kept, nicknames, password_slips, passwords, people, views_mail, views_nicknames
from portal.errors import PortalError
from portal.models import Consent, User
from portal.pages import add_portal_error
from portal.rules import may_audit, prefixes

PEOPLE_A_PAGE = 50
IDENTITY = Consent.Purpose.IDENTITY


class IdentityForm(forms.Form):
    """What is left empty stays as it is."""

    full_name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("Telephone"), max_length=30, required=False, help_text=gettext_lazy("Mobile number, 11 digits."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    id_number = forms.CharField(
        label=gettext_lazy("Identity number"), max_length=30, required=False,
        help_text=gettext_lazy("18 characters, as on the card. Nobody sees it but who verifies it, and you."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    address = forms.CharField(
        label=gettext_lazy("Address"), max_length=200, required=False, help_text=gettext_lazy("Only if you want letters."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )  # fmt: skip
    guardian = forms.CharField(
        label=gettext_lazy("Parent or guardian"), max_length=50, required=False,
        help_text=gettext_lazy("Only for who is under 14: the name of the adult who agrees."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class ErasureForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"), max_length=500, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip


class LookForm(forms.Form):
    purpose = forms.ChoiceField(
        label=gettext_lazy("Purpose"), choices=people.PURPOSES,
        help_text=gettext_lazy("It is kept in the record together with your name, and the person can read it."),
    )  # fmt: skip


@never_cache
@login_required
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """What is kept about the person who asks."""
    return my_page(request, IdentityForm())


def my_page(
    request: HttpRequest,
    form: IdentityForm,
    status: int = 200,
    nickname_form: views_nicknames.NicknameForm | None = None,
) -> HttpResponse:
    user = request.user
    given = {consent.purpose: consent for consent in user.consents.filter(withdrawn_at=None)}
    told = {
        "form": form,
        "shown": people.shown(user),
        "person": people.person_of(user),
        "agreed": IDENTITY in given,
        "consents": [
            # that to e-mail is given with the address
            (
                value,
                label,
                given.get(value),
                value in given or (value == Consent.Purpose.PLACE and kept.has_places(user)),
            )
            for value, label in Consent.Purpose.choices
            if value != Consent.Purpose.EMAIL
        ],
        "looks": [(look, people.LookFor(look.after["purpose"]).label) for look in people.looks_at(user)[:20]],
        "verifies": bool(prefixes(user, people.VERIFIERS)),
        "audits": may_audit(user),
        **views_mail.told(user),
        **views_nicknames.told(user, nickname_form),
    }
    return render(request, "portal/me.html", told, status=status)


@sensitive_post_parameters()
@never_cache
@login_required
@require_POST
def keep_identity(request: HttpRequest) -> HttpResponse:
    """Give or correct the own identity; the consent to it is given by the same button."""
    form = IdentityForm(request.POST)
    if form.is_valid():
        values = {**form.cleaned_data}
        try:
            with transaction.atomic():
                people.agree(request.user, IDENTITY, by=request.user, guardian=values.pop("guardian"))
                people.record_identity(request.user, by=request.user, **values)
        except PortalError as error:
            add_portal_error(form, error)
        else:
            messages.success(request, _("Your data are kept. Your village committee or township will verify them."))
            return redirect("me")
    request.user.refresh_from_db()
    return my_page(request, form, status=400)


@login_required
@require_POST
def keep_nickname(request: HttpRequest) -> HttpResponse:
    """Choose, change or, left empty, clear the own nickname."""
    form = views_nicknames.NicknameForm(request.POST, auto_id="nick_%s")
    if form.is_valid():
        try:
            if form.cleaned_data["nickname"]:
                nicknames.choose(form.cleaned_data["nickname"], by=request.user)
            else:
                nicknames.clear(by=request.user)
        except PortalError as error:
            form.add_error("nickname", str(error.message))
            return my_page(request, IdentityForm(), status=error.status, nickname_form=form)
        messages.success(request, _("In public you are called: %(name)s") % {"name": request.user.masked_name})
        return redirect(reverse("me") + "#nickname")
    return my_page(request, IdentityForm(), status=400, nickname_form=form)


@login_required
@require_POST
def decide_consent(request: HttpRequest, purpose: str) -> HttpResponse:
    """Agree or take back, each by one button."""
    if purpose not in Consent.Purpose.values:
        raise Http404
    if request.POST.get("agree") == "1":
        people.agree(request.user, purpose, by=request.user)
        messages.success(request, _("You have agreed. You can take it back at any time."))
    else:
        people.take_back(request.user, purpose, by=request.user)
        messages.success(request, _("Taken back. What was kept only because of it is gone."))
    return redirect(reverse("me") + ("#mail" if purpose == Consent.Purpose.EMAIL else "#consents"))


@never_cache
@login_required
@require_POST
def take_copy(request: HttpRequest) -> HttpResponse:
    """Everything kept about the person, as a file."""
    copy = people.copy_of(request.user, by=request.user)
    text = json.dumps(copy, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
    return HttpResponse(
        text, content_type="application/json", headers={"Content-Disposition": 'attachment; filename="my-data.json"'}
    )


@sensitive_post_parameters("password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase_me(request: HttpRequest) -> HttpResponse:
    """Close the account for good, after the password was typed once more."""
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            people.erase_with_password(request, form.cleaned_data["password"])
        except people.WrongPassword as error:
            form.add_error("password", str(error.message))
        else:
            auth.logout(request)
            messages.success(request, _("Your account is closed and your data are erased."))
            return redirect("home")
    return render(request, "portal/me_erase.html", {"form": form, "trail": trail(_("Close my account"))})


def trail(last: str) -> list[tuple[str, str]]:
    return [(_("My data"), reverse("me")), (last, "")]


@never_cache
@login_required
@require_GET
def person_list(request: HttpRequest) -> HttpResponse:
    """Residents of the own villages, masked; who waits to be verified comes first."""
    if not prefixes(request.user, people.VERIFIERS):
        raise Http404
    residents = people.visible_to(request.user)
    username = request.GET.get("username", "").strip()[:150]
    waiting = residents.filter(person__verified_at=None, person__id_digest__isnull=False)
    everybody = request.GET.get("show") == "all" or bool(username)
    listed = residents if everybody else waiting
    listed = listed.filter(username__iexact=username) if username else listed
    page = Paginator(listed, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    told = {
        "page": page, "rows": [(user, people.shown(user)) for user in page], "everybody": everybody, "username": username,
        "waiting": waiting.count(), "all": residents.count(), "trail": trail(_("Residents")),
    }  # fmt: skip
    return render(request, "portal/person_list.html", told)


def resident(request: HttpRequest, number: int) -> User:
    return get_object_or_404(people.visible_to(request.user), pk=number)


@never_cache
@login_required
@require_GET
def person(request: HttpRequest, number: int) -> HttpResponse:
    """One resident, masked, until somebody says what for."""
    return person_page(request, resident(request, number), {})


def person_page(request: HttpRequest, user: User, seen: dict[str, Any]) -> HttpResponse:
    told = {
        "resident": user, "shown": people.shown(user), "seen": seen, "form": LookForm(request.POST or None),
        "given": bool(people.person_of(user).id_digest), "slip": not user.holds_office,
        "trail": [(_("My data"), reverse("me")), (_("Residents"), reverse("person-list")), (user.masked_name, "")],
    }  # fmt: skip
    return render(request, "portal/person.html", told)


@never_cache
@login_required
@require_POST
def person_look(request: HttpRequest, number: int) -> HttpResponse:
    """The data in full, this once, for the purpose that was said."""
    user, form = resident(request, number), LookForm(request.POST)
    seen = people.look(user, by=request.user, purpose=form.cleaned_data["purpose"]) if form.is_valid() else {}
    return person_page(request, user, seen)


@login_required
@require_POST
def person_verify(request: HttpRequest, number: int) -> HttpResponse:
    people.verify_identity(resident(request, number), by=request.user)
    messages.success(request, _("The identity is verified."))
    return redirect("person", number)


@never_cache
@login_required
@require_POST
def person_password_slip(request: HttpRequest, number: int) -> HttpResponse:
    """A slip to print for a resident who forgot the password; the file comes once."""
    slip = passwords.make_slip(resident(request, number), by=request.user)
    return HttpResponse(
        password_slips.document(slip), content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="new-password.pdf"'},
    )  # fmt: skip
