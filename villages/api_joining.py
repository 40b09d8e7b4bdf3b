"""API: household codes of a village for its committee and township, and joining with one."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user, results
from portal.pagination import PageQuery, keyset
from villages import household_codes, joining
from villages.models import HouseholdMember, Village

NO_STORE = {"Cache-Control": "no-store"}


class HouseholdCodeShape(serializers.Serializer):
    """A household as the list shows it: nobody is named."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    made_at = serializers.DateTimeField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    holds = serializers.BooleanField(help_text="A code is out that has not ended.")
    used_up = serializers.BooleanField(help_text="It has opened as many accounts as one code does.")
    accounts = serializers.IntegerField()
    verified = serializers.IntegerField()


class MakeBody(StrictSerializer):
    households = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**53), required=False, allow_null=True, max_length=2000,
        help_text="Their ids; all of the village if left out.",
    )  # fmt: skip
    missing = serializers.BooleanField(default=False, help_text="Only those without a code that holds.")
    valid_to = serializers.DateField(required=False, allow_null=True, help_text="Last day; left out: as the page says.")


class MadeCode(serializers.Serializer):
    household = serializers.IntegerField(source="household.pk")
    number = serializers.CharField(source="household.number")
    code = serializers.CharField(help_text="Kept nowhere: print it now.")
    address = serializers.URLField(help_text="For the QR code of the slip.")
    valid_to = serializers.DateField()


class Made(serializers.Serializer):
    codes = MadeCode(many=True)


class JoinBody(StrictSerializer):
    code = serializers.CharField(max_length=40)
    agreed = serializers.BooleanField(help_text="You agree to what the page says is kept.")
    password = serializers.CharField(
        max_length=500, trim_whitespace=False, default="", allow_blank=True, help_text="Of the new account; not needed when signed in."
    )  # fmt: skip
    nickname = serializers.CharField(max_length=40, default="", allow_blank=True)


class Joined(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField(help_text="Under which comments stand in public.")
    village = serializers.CharField(help_text="Code of the village.")


def office_village(request: Request, code: str) -> Village:
    """The village, for its committee and township; for everybody else there are no such codes."""
    if not household_codes.may_make(request.user, code):
        raise Http404
    return get_object_or_404(Village, pk=code)


@extend_schema(
    methods=["GET"],
    operation_id="household_codes",
    tags=["villages"],
    parameters=[PageQuery],
    responses={200: results("HouseholdCodes", HouseholdCodeShape), **errors(400, 404)},
)
@extend_schema(
    methods=["POST"],
    operation_id="household_codes_make",
    tags=["villages"],
    request=MakeBody,
    responses={201: Made, **errors(400, 403, 404, 409)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def code_list(request: Request, code: str) -> Response:
    """Households with the codes that hold (GET); new codes, which the answer holds this once (POST)."""
    village = office_village(request, code)
    if request.method == "POST":
        body = read_body(request, MakeBody)
        made = household_codes.make(village, by=request.user, **body)
        return Response(Made({"codes": made}).data, status=201, headers=NO_STORE)
    query = read_query(request, PageQuery)
    page, following = keyset(request, household_codes.look(village, by=request.user), ["number", "id"], query)
    shown = HouseholdCodeShape([household_codes.as_row(row) for row in page], many=True).data
    return Response({"results": shown, "next": following}, headers=NO_STORE)


@extend_schema(
    operation_id="household_code_end", tags=["villages"], request=None, responses={204: None, **errors(403, 404, 409)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def code_end(request: Request, code: str, number: int) -> Response:
    """End the code of a household; accounts opened with it stay."""
    village = office_village(request, code)
    household_codes.end(get_object_or_404(village.household_rows, pk=number), by=request.user)
    return Response(status=204)


@extend_schema(
    operation_id="join", tags=["account"], request=JoinBody, responses={201: Joined, **errors(400, 403, 409, 429)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def join(request: Request) -> Response:
    """Open an account with the code of a household; signed in: add the household to the account. It does not sign in."""
    body = read_body(request, JoinBody)
    joining.tried(request._request, body["code"])
    if request.user.is_authenticated:
        user = joining.add(body["code"], by=request.user, agreed=body["agreed"])
        if request.auth is None:
            update_session_auth_hash(request._request, user)
    else:
        user = joining.join(**body)
    return Response(Joined(as_joined(user)).data, status=201, headers=NO_STORE)


def as_joined(user: Any) -> dict[str, str]:
    village = HouseholdMember.objects.select_related("household").get(user=user).household.village_id
    return {"username": user.username, "name": user.masked_name, "village": village}


@extend_schema(
    operation_id="household_leave", tags=["own data"], request=None, responses={204: None, **errors(403, 409)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def leave(request: Request) -> Response:
    """Take the household out of your account."""
    user = require_user(request)
    joining.leave(user, by=user)
    return Response(status=204)


urlpatterns = [
    path("villages/<code:code>/household-codes/", code_list, name="api-household-codes"),
    path("villages/<code:code>/household-codes/<int:number>/end/", code_end, name="api-household-code-end"),
    path("join/", join, name="api-join"),
    path("me/household/leave/", leave, name="api-household-leave"),
]
