"""Pages about accounts: the own sign-in, a new password by link, and the accounts an administrator looks after."""

from django import forms
from django.contrib import messages
from django.contrib.auth import password_validation, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import administering, new_accounts, passwords, second_factor
from portal.errors import PortalError
from portal.models import Department, Role, User
from portal.pages import add_portal_error
from portal.views_sign_in import OFFER, CodeForm, slow_down

LISTED = 50


class NewPasswordForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("New password"), max_length=500, strip=False,
        help_text=password_validation.password_validators_help_text_html,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=gettext_lazy("New password, once more"), max_length=500, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean(self) -> dict:
        """Both entries must be the same."""
        if self.cleaned_data.get("password") != self.cleaned_data.get("again"):
            self.add_error("again", _("The two entries differ."))
        return self.cleaned_data


class ChangePasswordForm(NewPasswordForm):
    old = forms.CharField(
        label=gettext_lazy("Present password"), max_length=500, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    field_order = ["old", "password", "again"]


class NewAccountForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("User name"), max_length=60, widget=forms.TextInput({"autocomplete": "off"})
    )
    full_name = forms.CharField(
        label=gettext_lazy("Name"), max_length=50, widget=forms.TextInput({"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    division_code = forms.RegexField(
        r"^[0-9]{12}$", label=gettext_lazy("Division code"), help_text=gettext_lazy("12 digits; the role holds there and below."),
        widget=forms.TextInput({"inputmode": "numeric"}),
        error_messages={"invalid": gettext_lazy("There is no division with this code of 12 digits.")},
    )  # fmt: skip
    department = forms.ChoiceField(
        label=gettext_lazy("Department"), required=False, choices=[("", "–"), *Department.choices],
        help_text=gettext_lazy("Only for the role of a line department."),
    )  # fmt: skip
    valid_to = forms.DateField(
        label=gettext_lazy("Last day of the role"), required=False,
        help_text=gettext_lazy("For a contract or one review; empty: without an end."),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason, and how you made sure who asks"), max_length=500, widget=forms.Textarea({"rows": 2})
    )


def show_errors(form: forms.Form, error: PortalError) -> None:
    """The reasons beside the fields they are about."""
    for field, texts in error.data.get("fields", {None: [str(error.message)]}).items():
        form.add_error(field if field in form.fields else None, [str(text) for text in texts])


@login_required
@never_cache
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """How one signs in: password, second factor, sessions."""
    told = {
        "factor": second_factor.state_of(request.user),
        "administers": administering.looks_after_accounts(request.user),
        "form": CodeForm(auto_id="codes_%s"),
        "remove_form": CodeForm(auto_id="remove_%s"),
    }
    return render(request, "portal/account.html", told)


@sensitive_post_parameters()
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the own password; every other session and all tokens end."""
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST":
        slow_down(request)
        if form.is_valid():
            try:
                passwords.change(request.user, form.cleaned_data["old"], form.cleaned_data["password"])
            except passwords.PasswordRefused as error:
                show_errors(form, error)
            else:
                update_session_auth_hash(request, request.user)
                messages.success(request, _("Your password is changed. Other devices are signed out."))
                return redirect("account-sign-in")
    return render(request, "portal/password_change.html", {"form": form})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password by a one-time link."""
    user = passwords.holder_of(token)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST":
        slow_down(request)
        if form.is_valid():
            try:
                passwords.use_link(token, form.cleaned_data["password"])
            except passwords.PasswordRefused as error:
                show_errors(form, error)
            else:
                messages.success(request, _("Your new password is set. Sign in with it now."))
                return redirect("login")
    return render(request, "portal/password_new.html", {"form": form, "username": user.username})


@login_required
@require_POST
def begin_second_factor(request: HttpRequest) -> HttpResponse:
    if second_factor.has_one(request.user):
        return redirect("account-sign-in")
    request.session[OFFER] = second_factor.begin(request.user)
    return redirect("second-factor-new")


@login_required
@never_cache
@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes; they are in the answer and nowhere else."""
    slow_down(request)
    codes = second_factor.renew_codes(request.user, request.POST.get("code", "")[:40])
    return render(request, "portal/second_factor_codes.html", {"codes": codes, "back": ""})


@login_required
@require_POST
def give_up_second_factor(request: HttpRequest) -> HttpResponse:
    slow_down(request)
    second_factor.give_up(request.user, request.POST.get("code", "")[:40])
    messages.success(request, _("The second factor is removed. Please sign in again."))
    return redirect("login")


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    administering.sign_out(request.user, by=request.user)
    update_session_auth_hash(request, request.user)
    messages.success(request, _("All other devices and all tokens are signed out."))
    return redirect("account-sign-in")


def account_or_404(request: HttpRequest, username: str) -> User:
    """An account the person looks after; strangers learn nothing."""
    return get_object_or_404(administering.visible_to(request.user), username=username)


@login_required
@never_cache
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """The accounts an administrator looks after."""
    if not administering.looks_after_accounts(request.user):
        raise Http404
    q = request.GET.get("q", "")[:150].strip()
    people = administering.listed(request.user, q)
    page = Paginator(people, LISTED).get_page(request.GET.get("page"))
    return render(request, "portal/accounts.html", {"page_obj": page, "q": q})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account_new(request: HttpRequest) -> HttpResponse:
    """Open an account; the link by which its owner sets a password is in the answer and nowhere else."""
    if not administering.looks_after_accounts(request.user):
        raise Http404
    form, status = NewAccountForm(request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                person, link = new_accounts.open_account(by=request.user, **form.cleaned_data)
            except PortalError as error:
                add_portal_error(form, error)
                status = error.status
            else:
                return render(request, "portal/password_link.html", {"person": person, "link": link})
    return render(request, "portal/account_new.html", {"form": form}, status=status)


@login_required
@never_cache
@require_safe
def account(request: HttpRequest, username: str) -> HttpResponse:
    person = account_or_404(request, username)
    told = {"person": person, "factor": second_factor.state_of(person), "own": person == request.user}
    forms_ = {"reason_form": ReasonForm(auto_id="state_%s"), "remove_form": ReasonForm(auto_id="remove_%s")}
    return render(request, "portal/account_of.html", {**told, **forms_})


def stated_reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise PortalError(_("Say the reason; it is kept in the record."))
    return form.cleaned_data["reason"]


@login_required
@never_cache
@require_POST
def make_link(request: HttpRequest, username: str) -> HttpResponse:
    """The link is in the answer and nowhere else."""
    person = account_or_404(request, username)
    link = passwords.make_link(person, by=request.user)
    return render(request, "portal/password_link.html", {"person": person, "link": link})


@login_required
@require_POST
def close_account(request: HttpRequest, username: str) -> HttpResponse:
    person = account_or_404(request, username)
    administering.close(person, by=request.user, reason=stated_reason(request))
    messages.success(request, _("The account is closed; its sessions and tokens have ended."))
    return redirect("account", username)


@login_required
@require_POST
def open_account(request: HttpRequest, username: str) -> HttpResponse:
    person = account_or_404(request, username)
    administering.reopen(person, by=request.user, reason=stated_reason(request))
    messages.success(request, _("The account is open again."))
    return redirect("account", username)


@login_required
@require_POST
def remove_second_factor(request: HttpRequest, username: str) -> HttpResponse:
    person = account_or_404(request, username)
    administering.remove_second_factor(person, by=request.user, reason=stated_reason(request))
    messages.success(request, _("The second factor is removed; it must be set up at the next sign-in."))
    return redirect("account", username)


@login_required
@require_POST
def sign_out_account(request: HttpRequest, username: str) -> HttpResponse:
    person = account_or_404(request, username)
    administering.sign_out(person, by=request.user)
    messages.success(request, _("The account is signed out everywhere."))
    return redirect("account", username)
