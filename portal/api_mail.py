"""API: news by e-mail. The link of a letter's header answers here: mail programs send it a form without cookies (RFC 8058)."""

from django.http import Http404
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, authentication_classes, parser_classes
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from portal import mail_addresses
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, require_user
from portal.errors import NotAllowed
from portal.mail_addresses import HowOften
from portal.models import User

HERE = {"Cache-Control": "no-store"}


class MailShape(serializers.Serializer):
    set_up = serializers.BooleanField(help_text="Whether this portal sends mail.")
    address = serializers.CharField(allow_blank=True, help_text="l***@example.com; empty: none is kept.")
    confirmed_at = serializers.DateTimeField(allow_null=True)
    how_often = serializers.ChoiceField(HowOften.choices)
    language = serializers.CharField()


class OftenBody(StrictSerializer):
    how_often = serializers.ChoiceField(HowOften.choices)


class AddressBody(OftenBody):
    address = serializers.CharField(max_length=mail_addresses.ADDRESS_CHARS)
    how_often = serializers.ChoiceField(HowOften.choices, default=HowOften.AT_ONCE)


class TokenBody(StrictSerializer):
    token = serializers.CharField(max_length=500, help_text="The part of the letter's link after /mail/confirm/.")


def shown(user: User) -> Response:
    return Response(MailShape(mail_addresses.shown(user)).data, headers=HERE)


@extend_schema(methods=["GET"], operation_id="me_email", tags=["own data"], responses={200: MailShape, **errors(403)})
@extend_schema(
    methods=["POST"], operation_id="me_email_give", tags=["own data"], request=AddressBody,
    responses={200: MailShape, **errors(400, 403, 409, 429)},
)  # fmt: skip
@extend_schema(
    methods=["PATCH"], operation_id="me_email_often", tags=["own data"], request=OftenBody,
    responses={200: MailShape, **errors(400, 403, 409)},
)  # fmt: skip
@api_view(["GET", "POST", "PATCH"])
@parser_classes([JSONBody])
def email(request: Request) -> Response:
    """Your address for news, masked (GET); agree and give one, which a letter asks you to confirm (POST); choose how often
    (PATCH). To take it back delete the consent `email`."""
    user = require_user(request)
    if request.method == "POST":
        mail_addresses.give_address(user, by=user, language=get_language(), **read_body(request, AddressBody))
    elif request.method == "PATCH":
        mail_addresses.choose(user, by=user, language=get_language(), **read_body(request, OftenBody))
    return shown(user)


@extend_schema(
    operation_id="mail_confirm", tags=["own data"], request=TokenBody, responses={204: None, **errors(400, 403)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def confirm(request: Request) -> Response:
    """Confirm an address by the token of the letter; counts once, within a day."""
    mail_addresses.confirm(**read_body(request, TokenBody))
    return Response(status=204)


@extend_schema(methods=["GET"], exclude=True)  # leads to a page
@extend_schema(
    methods=["POST"], operation_id="mail_stop", tags=["own data"], request=None,
    responses={204: None, **errors(403, 404)},
)  # fmt: skip
@api_view(["GET", "POST"])
@authentication_classes([])
@parser_classes([FormParser, MultiPartParser, JSONBody])
def stop(request: Request, token: str) -> Response:
    """End the mail to an address by the link of a letter: at once (POST), or on a page with a button (GET)."""
    if request.method == "GET":
        try:
            mail_addresses.stoppable(token)
        except NotAllowed:
            raise Http404 from None
        return redirect("mail-stop", token)
    mail_addresses.stop(token)
    return Response(status=204)


urlpatterns = [
    path("me/email/", email, name="api-me-email"),
    path("mail/confirm/", confirm, name="api-mail-confirm"),
    path("mail/stop/<str:token>/", stop, name="api-mail-stop"),
]
