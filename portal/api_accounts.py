"""API: Sign-in, second factor, passwords, and the accounts an administrator looks after."""

from django.contrib.auth import update_session_auth_hash
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, authentication_classes, parser_classes, throttle_classes
from rest_framework.request import Request
from rest_framework.response import Response

from portal import administering, new_accounts, passwords, second_factor, signing_in
from portal.api_kernel import Credentials, RoleShape
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user, results
from portal.api_throttles import LoginThrottle
from portal.errors import Conflict
from portal.models import Department, Role, User
from portal.pagination import PageQuery, next_url


class Code(StrictSerializer):
    code = serializers.CharField(max_length=40)


class Reason(StrictSerializer):
    reason = serializers.CharField(max_length=500, help_text="Kept in the record; say how you made sure who asks.")


class PasswordChange(StrictSerializer):
    old = serializers.CharField(max_length=500, trim_whitespace=False)
    password = serializers.CharField(max_length=500, trim_whitespace=False)


class PasswordByLink(StrictSerializer):
    token = serializers.CharField(max_length=100, help_text="The last part of the one-time link.")
    password = serializers.CharField(max_length=500, trim_whitespace=False)


class SetUp(StrictSerializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=500, trim_whitespace=False)
    offer = serializers.CharField(max_length=2000, help_text="As account/second-factor/begin/ gave it.")
    code = serializers.CharField(max_length=40)


class Offer(serializers.Serializer):
    key = serializers.CharField(help_text="Base32; to type into the app.")
    address = serializers.CharField(help_text="otpauth://…; as a QR picture for the app.")
    offer = serializers.CharField(help_text="Send it back with the first code within 15 minutes.")


class RecoveryCodes(serializers.Serializer):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Shown this once; each counts once."
    )


class FactorState(serializers.Serializer):
    set_up = serializers.BooleanField()
    set_at = serializers.DateTimeField(allow_null=True)
    recovery_codes_left = serializers.IntegerField()
    required = serializers.BooleanField(help_text="The role needs it.")


class Account(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField(source="__str__")
    active = serializers.BooleanField(source="is_active")
    second_factor = serializers.SerializerMethodField()
    roles = RoleShape(many=True, source="active_memberships")

    def get_second_factor(self, user: User) -> bool:
        """Whether one is set up."""
        return hasattr(user, "second_factor")


class Link(serializers.Serializer):
    link = serializers.CharField(
        help_text="Hand it over yourself: it is shown this once, holds 15 minutes, counts once."
    )


class NewAccount(StrictSerializer):
    username = serializers.CharField(max_length=60)
    full_name = serializers.CharField(max_length=50)
    role = serializers.ChoiceField(Role.choices)
    division_code = serializers.RegexField(r"^[0-9]{12}$")
    department = serializers.ChoiceField(Department.choices, required=False, default="", allow_blank=True)
    valid_to = serializers.DateField(required=False, allow_null=True, default=None, help_text="Last day of the role.")


class MadeAccount(Link):
    account = Account()


class Done(serializers.Serializer):
    done = serializers.BooleanField()


DONE = {"done": True}


@extend_schema(
    operation_id="password_change",
    tags=["account"],
    request=PasswordChange,
    responses={200: Done, **errors(400, 403, 429)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
@throttle_classes([LoginThrottle])
def password_change(request: Request) -> Response:
    """Change your password. All other sessions and all tokens end."""
    user = require_user(request)
    body = read_body(request, PasswordChange)
    passwords.change(user, body["old"], body["password"])
    if request.auth is None:
        update_session_auth_hash(request._request, user)
    return Response(DONE)


@extend_schema(
    operation_id="password_by_link",
    tags=["account"],
    auth=[],
    request=PasswordByLink,
    responses={200: Done, **errors(400, 404, 429)},
)
@api_view(["POST"])
@authentication_classes([])
@parser_classes([JSONBody])
@throttle_classes([LoginThrottle])
def password_by_link(request: Request) -> Response:
    """Set a new password with a one-time link."""
    body = read_body(request, PasswordByLink)
    passwords.use_link(body["token"], body["password"])
    return Response(DONE)


@extend_schema(operation_id="second_factor", tags=["account"], responses={200: FactorState, **errors(403)})
@api_view(["GET"])
def factor(request: Request) -> Response:
    """Whether your second factor is set up."""
    return Response(FactorState(second_factor.state_of(require_user(request))).data)


@extend_schema(
    operation_id="second_factor_begin",
    tags=["account"],
    auth=[],
    request=Credentials,
    responses={200: Offer, **errors(400, 409, 429)},
)
@api_view(["POST"])
@authentication_classes([])
@parser_classes([JSONBody])
@throttle_classes([LoginThrottle])
def factor_begin(request: Request) -> Response:
    """Begin to set up your second factor, by name and password; nothing holds before the first code."""
    body = read_body(request, Credentials)
    user = signing_in.check_password(request._request, body["username"], body["password"])
    if second_factor.has_one(user):
        raise Conflict(_("The second factor is set up already. Sign in with its code."))
    offer = second_factor.begin(user)
    key = second_factor.key_of(offer, user)
    return Response({"key": key, "address": second_factor.address_of(key, user), "offer": offer})


@extend_schema(
    operation_id="second_factor_set_up",
    tags=["account"],
    auth=[],
    request=SetUp,
    responses={200: RecoveryCodes, **errors(400, 409, 429)},
)
@api_view(["POST"])
@authentication_classes([])
@parser_classes([JSONBody])
@throttle_classes([LoginThrottle])
def factor_set_up(request: Request) -> Response:
    """Prove the key by its first code; the answer holds the recovery codes."""
    body = read_body(request, SetUp)
    user = signing_in.check_password(request._request, body["username"], body["password"])
    return Response({"recovery_codes": second_factor.set_up(user, body["offer"], body["code"])})


@extend_schema(
    operation_id="second_factor_give_up", tags=["account"], request=Code, responses={200: Done, **errors(400, 403, 429)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
@throttle_classes([LoginThrottle])
def factor_give_up(request: Request) -> Response:
    """Remove your second factor, for one of its codes. You are signed out everywhere."""
    second_factor.give_up(require_user(request), read_body(request, Code)["code"])
    return Response(DONE)


@extend_schema(
    operation_id="recovery_codes",
    tags=["account"],
    request=Code,
    responses={200: RecoveryCodes, **errors(400, 403, 429)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
@throttle_classes([LoginThrottle])
def recovery_codes(request: Request) -> Response:
    """New recovery codes in place of the old ones, for a code."""
    return Response(
        {"recovery_codes": second_factor.renew_codes(require_user(request), read_body(request, Code)["code"])}
    )


@extend_schema(operation_id="sign_out_everywhere", tags=["account"], request=None, responses={200: Done, **errors(403)})
@api_view(["POST"])
@parser_classes([JSONBody])
def sign_out_everywhere(request: Request) -> Response:
    """End all your sessions and tokens, this one too."""
    user = require_user(request)
    administering.sign_out(user, by=user)
    return Response(DONE)


def account_or_404(request: Request, username: str) -> User:
    """An account the person looks after; strangers learn nothing."""
    return get_object_or_404(administering.visible_to(request.user), username=username)


class AccountQuery(PageQuery):
    q = serializers.CharField(required=False, max_length=150, help_text="Part of the user name.")


@extend_schema(
    methods=["GET"],
    operation_id="accounts",
    tags=["accounts"],
    parameters=[AccountQuery],
    responses={200: results("Account", Account), **errors(400, 404)},
)
@extend_schema(
    methods=["POST"],
    operation_id="account_new",
    tags=["accounts"],
    request=NewAccount,
    responses={201: MadeAccount, **errors(400, 403, 404, 409)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def accounts(request: Request) -> Response:
    """The accounts you look after as an administrator (GET); open one (POST): its link is shown this once."""
    if not administering.looks_after_accounts(request.user):
        raise Http404
    if request.method == "POST":
        person, link = new_accounts.open_account(by=require_user(request), **read_body(request, NewAccount))
        return Response(MadeAccount({"account": person, "link": link}).data, status=201)
    query = read_query(request, AccountQuery)
    people = administering.listed(request.user, query.get("q", "")).filter(username__gt=query.get("cursor", ""))
    page = list(people[: query["page_size"] + 1])
    more, page = len(page) > query["page_size"], page[: query["page_size"]]
    follow = next_url(request, page[-1].username if more else None)
    return Response({"results": Account(page, many=True).data, "next": follow})


@extend_schema(operation_id="account", tags=["accounts"], responses={200: Account, **errors(404)})
@api_view(["GET"])
def account(request: Request, username: str) -> Response:
    """One account you look after."""
    return Response(Account(account_or_404(request, username)).data)


@extend_schema(operation_id="account_link", tags=["accounts"], request=None, responses={200: Link, **errors(403, 404)})
@api_view(["POST"])
@parser_classes([JSONBody])
def account_link(request: Request, username: str) -> Response:
    """A one-time link by which the person sets a new password. Links made before end."""
    return Response({"link": passwords.make_link(account_or_404(request, username), by=request.user)})


@extend_schema(
    operation_id="account_close", tags=["accounts"], request=Reason, responses={200: Done, **errors(400, 403, 404, 409)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def account_close(request: Request, username: str) -> Response:
    """Close an account. What it did stays; its sessions and tokens end."""
    person = account_or_404(request, username)
    administering.close(person, by=request.user, reason=read_body(request, Reason)["reason"])
    return Response(DONE)


@extend_schema(
    operation_id="account_open", tags=["accounts"], request=Reason, responses={200: Done, **errors(400, 403, 404, 409)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def account_open(request: Request, username: str) -> Response:
    """Open a closed account again."""
    person = account_or_404(request, username)
    administering.reopen(person, by=request.user, reason=read_body(request, Reason)["reason"])
    return Response(DONE)


@extend_schema(
    operation_id="account_sign_out", tags=["accounts"], request=None, responses={200: Done, **errors(403, 404)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def account_sign_out(request: Request, username: str) -> Response:
    """End all sessions and tokens of an account."""
    administering.sign_out(account_or_404(request, username), by=request.user)
    return Response(DONE)


@extend_schema(
    operation_id="account_second_factor_remove",
    tags=["accounts"],
    request=Reason,
    responses={200: Done, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def account_second_factor_remove(request: Request, username: str) -> Response:
    """Take off the second factor of a person who lost the telephone; it is set up anew at the next sign-in."""
    person = account_or_404(request, username)
    administering.remove_second_factor(person, by=request.user, reason=read_body(request, Reason)["reason"])
    return Response(DONE)


urlpatterns = [
    path("account/password/", password_change, name="api-password-change"),
    path("account/password/by-link/", password_by_link, name="api-password-by-link"),
    path("account/second-factor/", factor, name="api-second-factor"),
    path("account/second-factor/begin/", factor_begin, name="api-second-factor-begin"),
    path("account/second-factor/set-up/", factor_set_up, name="api-second-factor-set-up"),
    path("account/second-factor/remove/", factor_give_up, name="api-second-factor-give-up"),
    path("account/recovery-codes/", recovery_codes, name="api-recovery-codes"),
    path("account/sign-out-everywhere/", sign_out_everywhere, name="api-sign-out-everywhere"),
    path("accounts/", accounts, name="api-accounts"),
    path("accounts/<str:username>/", account, name="api-account"),
    path("accounts/<str:username>/link/", account_link, name="api-account-link"),
    path("accounts/<str:username>/close/", account_close, name="api-account-close"),
    path("accounts/<str:username>/open/", account_open, name="api-account-open"),
    path("accounts/<str:username>/sign-out/", account_sign_out, name="api-account-sign-out"),
    path(
        "accounts/<str:username>/second-factor/remove/",
        account_second_factor_remove,
        name="api-account-second-factor-remove",
    ),
]
