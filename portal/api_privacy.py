"""API: a person's own data, and the residents a committee or township looks after."""

from typing import Any

from django.contrib import auth
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import include, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from portal import grades, nicknames, passwords, people
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user, results
from portal.grades import Grade
from portal.models import Consent, User
from portal.pagination import PageQuery, keyset
from portal.rules import prefixes

Purposes = Consent.Purpose.choices
LABELS = {
    "comments": "planning.Comment", "photos": "planning.Photo", "follows": "planning.Follow",
    "household": "villages.HouseholdMember",
}  # fmt: skip
"""under which names a copy holds what higher apps keep"""


class Masked(serializers.Serializer):
    name = serializers.CharField()
    phone = serializers.CharField(allow_blank=True, help_text="138****1234")
    id_number = serializers.CharField(allow_blank=True, help_text="3709**********1234")
    address = serializers.CharField(allow_blank=True)
    verified_at = serializers.DateTimeField(allow_null=True)


class ConsentShape(serializers.ModelSerializer):
    class Meta:
        model = Consent
        fields = ["purpose", "edition", "given_at", "withdrawn_at", "guardian"]


class Look(serializers.Serializer):
    at = serializers.DateTimeField()
    by = serializers.CharField(source="actor_name")
    purpose = serializers.CharField(source="after.purpose")


class OwnData(serializers.Serializer):
    public_name = serializers.CharField(help_text="Under which your comments stand in public.")
    grade = serializers.ChoiceField(
        Grade.choices, help_text="How far it is known who you are, in the village of your household."
    )
    shown = Masked(help_text="As staff see it before they say a purpose.")
    consents = ConsentShape(many=True)
    looks = Look(many=True, help_text="Who of the staff looked at the data in full; the last 100.")


class Copy(serializers.Serializer):
    account = serializers.DictField()
    identity = serializers.DictField()
    roles = serializers.ListField(child=serializers.DictField())
    consents = serializers.ListField(child=serializers.DictField())
    messages = serializers.ListField(child=serializers.DictField())
    looks = serializers.ListField(child=serializers.DictField())
    acts = serializers.ListField(child=serializers.DictField(), help_text="What the record of acts holds of yours.")
    comments = serializers.ListField(child=serializers.DictField(), source="planning.Comment")
    photos = serializers.ListField(child=serializers.DictField(), source="planning.Photo")
    follows = serializers.ListField(child=serializers.DictField(), source="planning.Follow")
    household = serializers.ListField(child=serializers.DictField(), source="villages.HouseholdMember")


class IdentityBody(StrictSerializer):
    full_name = serializers.CharField(max_length=100, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    id_number = serializers.CharField(max_length=30, required=False, allow_blank=True)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ConsentBody(StrictSerializer):
    purpose = serializers.ChoiceField(Purposes)
    guardian = serializers.CharField(max_length=50, default="", allow_blank=True, help_text="For who is under 14.")


class NicknameBody(StrictSerializer):
    nickname = serializers.CharField(max_length=40)


class ErasureBody(StrictSerializer):
    password = serializers.CharField(max_length=500, trim_whitespace=False)


class LookBody(StrictSerializer):
    purpose = serializers.ChoiceField(people.PURPOSES)


class PeopleQuery(PageQuery):
    waiting = serializers.BooleanField(default=False, help_text="Only who waits to be verified.")
    username = serializers.CharField(required=False, max_length=150, help_text="Only the account with this user name.")


class Resident(Masked):
    number = serializers.IntegerField()


class PasswordSlipShape(serializers.Serializer):
    username = serializers.CharField()
    link = serializers.URLField(help_text="For the QR code of the slip: shown this once, counts once.")
    until = serializers.DateTimeField(help_text="A day from now.")


class InFull(serializers.Serializer):
    full_name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    id_number = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)


def known(user: User) -> dict[str, Any]:
    """How far it is known who a person is."""
    member = grades.member_of(user)
    return {"grade": grades.of(user, member.household.village_id if member else "")}


def own_data(user: User) -> Response:
    told = {
        "public_name": user.masked_name,
        **known(user),
        "shown": people.shown(user),
        "consents": user.consents.all(),
        "looks": people.looks_at(user)[:100],
    }
    return Response(OwnData(told).data, headers={"Cache-Control": "no-store"})


@extend_schema(operation_id="me_data", tags=["own data"], responses={200: OwnData, **errors(403)})
@api_view(["GET"])
def data(request: Request) -> Response:
    """What is kept about you, masked; with your consents and who looked at it."""
    return own_data(require_user(request))


@extend_schema(
    operation_id="me_identity",
    tags=["own data"],
    request=IdentityBody,
    responses={200: OwnData, **errors(400, 403, 409)},
)
@api_view(["PATCH"])
@parser_classes([JSONBody])
def identity(request: Request) -> Response:
    """Give or correct your identity; you must have agreed to the purpose `identity`. What is left out stays."""
    user = require_user(request)
    people.record_identity(user, by=user, **read_body(request, IdentityBody))
    return own_data(user)


@extend_schema(
    methods=["PUT"],
    operation_id="me_nickname",
    tags=["own data"],
    request=NicknameBody,
    responses={200: OwnData, **errors(400, 403, 409, 429)},
)
@extend_schema(
    methods=["DELETE"], operation_id="me_nickname_clear", tags=["own data"], responses={200: OwnData, **errors(403)}
)
@api_view(["PUT", "DELETE"])
@parser_classes([JSONBody])
def nickname(request: Request) -> Response:
    """Choose what you are called in public, once a day (PUT), or go without a nickname (DELETE)."""
    user = require_user(request)
    if request.method == "DELETE":
        nicknames.clear(by=user)
    else:
        nicknames.choose(read_body(request, NicknameBody)["nickname"], by=user)
    return own_data(user)


@extend_schema(
    operation_id="me_consent_new", tags=["own data"], request=ConsentBody, responses={200: OwnData, **errors(400, 403)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def consents(request: Request) -> Response:
    """Agree to a purpose."""
    user = require_user(request)
    people.agree(user, by=user, **read_body(request, ConsentBody))
    return own_data(user)


@extend_schema(
    operation_id="me_consent_take_back", tags=["own data"], responses={200: OwnData, **errors(403, 404, 409)}
)
@api_view(["DELETE"])
def consent(request: Request, purpose: str) -> Response:
    """Take a consent back; what was kept only because of it is taken out at once."""
    user = require_user(request)
    if purpose not in Consent.Purpose.values:
        raise Http404
    people.take_back(user, purpose, by=user)
    return own_data(user)


@extend_schema(operation_id="me_copy", tags=["own data"], request=None, responses={200: Copy, **errors(403)})
@api_view(["POST"])
@parser_classes([JSONBody])
def copy(request: Request) -> Response:
    """Everything kept about you, in full. It is a POST because it is put on record."""
    user = require_user(request)
    found = people.copy_of(user, by=user)
    for name, label in LABELS.items():
        found[name] = found.pop(label)
    return Response(found, headers={"Cache-Control": "no-store"})


@extend_schema(
    operation_id="me_erase", tags=["own data"], request=ErasureBody, responses={204: None, **errors(400, 403, 409, 429)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def erase(request: Request) -> Response:
    """Close your account and erase who you are; comments stay without a name. Cannot be undone."""
    require_user(request)
    people.erase_with_password(request._request, **read_body(request, ErasureBody))
    auth.logout(request._request)
    return Response(status=204)


def residents(request: Request) -> Any:
    """Those the person looks after; for everybody else there is no such list."""
    if not prefixes(request.user, people.VERIFIERS):
        raise Http404
    return people.visible_to(request.user)


def row_of(user: User) -> dict[str, Any]:
    return Resident({"number": user.pk, **people.shown(user)}).data


@extend_schema(
    operation_id="people",
    tags=["own data"],
    parameters=[PeopleQuery],
    responses={200: results("Residents", Resident), **errors(400, 404)},
)
@api_view(["GET"])
def person_list(request: Request) -> Response:
    """Residents of your villages, masked, for their committee and township."""
    found = residents(request)
    query = read_query(request, PeopleQuery)
    if query["waiting"]:
        found = found.filter(person__verified_at=None, person__id_digest__isnull=False)
    if "username" in query:
        found = found.filter(username__iexact=query["username"].strip())
    rows, following = keyset(request, found, ["id"], query)
    return Response({"results": [row_of(user) for user in rows], "next": following})


@extend_schema(
    operation_id="person_look", tags=["own data"], request=LookBody, responses={200: InFull, **errors(400, 403, 404)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def person_look(request: Request, number: int) -> Response:
    """The data of a resident in full, for a purpose; put on record, and the person can read it there."""
    user = get_object_or_404(residents(request), pk=number)
    seen = people.look(user, by=request.user, **read_body(request, LookBody))
    return Response(InFull(seen).data, headers={"Cache-Control": "no-store"})


@extend_schema(
    operation_id="person_verify", tags=["own data"], request=None, responses={200: Resident, **errors(403, 404, 409)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def person_verify(request: Request, number: int) -> Response:
    """Say that the data were compared with the identity card."""
    user = get_object_or_404(residents(request), pk=number)
    people.verify_identity(user, by=request.user)
    return Response(row_of(user))


@extend_schema(
    operation_id="person_password_slip", tags=["own data"], request=None,
    responses={201: PasswordSlipShape, **errors(403, 404)},
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def person_password_slip(request: Request, number: int) -> Response:
    """A one-time link for a resident who forgot the password, good for a day; put on record, and the account is told."""
    user = get_object_or_404(residents(request), pk=number)
    slip = passwords.make_slip(user, by=request.user)
    return Response(PasswordSlipShape(slip).data, status=201, headers={"Cache-Control": "no-store"})


urlpatterns = [
    path("me/data/", data, name="api-me-data"),
    path("me/identity/", identity, name="api-me-identity"),
    path("me/consents/", consents, name="api-me-consents"),
    path("me/consents/<str:purpose>/", consent, name="api-me-consent"),
    path("me/nickname/", nickname, name="api-me-nickname"),
    path("me/copy/", copy, name="api-me-copy"),
    path("me/erase/", erase, name="api-me-erase"),
    path("people/", person_list, name="api-people"),
    path("people/<int:number>/look/", person_look, name="api-person-look"),
    path("people/<int:number>/verify/", person_verify, name="api-person-verify"),
    path("people/<int:number>/password-slip/", person_password_slip, name="api-person-password-slip"),
    path("", include("portal.api_audit")),
]
