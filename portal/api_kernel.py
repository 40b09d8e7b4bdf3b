"""REST API of the kernel: who am I, sign-in, jobs, and the answer for addresses that do not exist."""

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, path, resolve
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, authentication_classes, parser_classes, throttle_classes
from rest_framework.exceptions import NotFound
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from portal import jobs, second_factor, signing_in, tokens
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body
from portal.api_throttles import LoginThrottle
from portal.models import Job, Role, User
from portal.views import job_json, own_job


class Credentials(StrictSerializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=500, trim_whitespace=False)
    code = serializers.CharField(
        max_length=40, default="", allow_blank=True,
        help_text="Of the second factor, by whoever has one: six figures of the app, each once, or a recovery code.",
    )  # fmt: skip


class TokenShape(serializers.Serializer):
    token = serializers.CharField(
        help_text="Send it as “Authorization: Token …”. It is shown this once, holds 90 days, and ends when password or roles change."
    )


class RoleShape(serializers.Serializer):
    role = serializers.ChoiceField(Role.choices)
    role_text = serializers.CharField(source="get_role_display")
    division = serializers.CharField(source="division_code", help_text="12-digit code; the role holds below it too.")


class Me(serializers.Serializer):
    signed_in = serializers.BooleanField()
    username = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    roles = RoleShape(many=True)


class JobShape(serializers.Serializer):
    id = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(Job.State.choices)
    state_text = serializers.CharField()
    percent = serializers.IntegerField()
    message = serializers.CharField(allow_blank=True)
    result = serializers.DictField()
    final = serializers.BooleanField(help_text="True: it will not change any more.")


def checked_user(request: Request) -> User:
    """The person whose name, password and code were sent."""
    return signing_in.check_at_once(request._request, **read_body(request, Credentials))


def who(user: User) -> dict:
    if not user.is_authenticated:
        return Me({"signed_in": False, "username": "", "name": "", "roles": []}).data
    roles = user.active_memberships()
    return Me({"signed_in": True, "username": user.username, "name": str(user), "roles": roles}).data


@extend_schema(operation_id="me", tags=["account"], responses=Me)
@api_view(["GET"])
def me(request: Request) -> Response:
    """Who is signed in, with the roles that hold today."""
    return Response(who(request.user))


@extend_schema(
    operation_id="token",
    tags=["account"],
    request=Credentials,
    auth=[],
    responses={200: TokenShape, **errors(400, 403, 429)},
)
@api_view(["POST"])
@authentication_classes([])
@parser_classes([JSONBody, FormParser])
@throttle_classes([LoginThrottle])
def token(request: Request) -> Response:
    """A token for programs, for name, password and the code of whoever has a second factor."""
    return Response({"token": tokens.issue(checked_user(request))})


# JSON only: another site's form cannot send it, so nobody is signed in without knowing.
@extend_schema(
    operation_id="login", tags=["account"], request=Credentials, auth=[], responses={200: Me, **errors(400, 403, 429)}
)
@api_view(["POST"])
@authentication_classes([])
@parser_classes([JSONBody])
@throttle_classes([LoginThrottle])
def login(request: Request) -> Response:
    """Sign in by session cookie."""
    user = checked_user(request)
    signing_in.open_session(request._request, user, by_code=second_factor.has_one(user))
    return Response(who(user))


@extend_schema(operation_id="logout", tags=["account"], request=None, responses={200: Me, **errors(403)})
@api_view(["POST"])
@parser_classes([JSONBody])
def logout(request: Request) -> Response:
    """End the session."""
    auth.logout(request._request)
    return Response(who(request._request.user))


@extend_schema(operation_id="job", tags=["jobs"], responses={200: JobShape, **errors(404)})
@api_view(["GET"])
def job(request: Request, id: str) -> Response:
    """Progress and result of a job that you started."""
    return Response(job_json(own_job(request, id)))


@extend_schema(operation_id="job_cancel", tags=["jobs"], request=None, responses={200: JobShape, **errors(404)})
@api_view(["POST"])
@parser_classes([JSONBody])
def job_cancel(request: Request, id: str) -> Response:
    """Ask a job to stop."""
    row = own_job(request, id)
    jobs.cancel(row)
    row.refresh_from_db()
    return Response(job_json(row))


def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """404 in the API's own shape; an address that only lacks its last slash is sent to it."""
    if request.method == "GET" and not rest.endswith("/"):
        try:
            found = resolve(f"{request.path_info}/").func is not nowhere
        except Resolver404:
            found = False
        if found:
            query = request.META.get("QUERY_STRING", "")
            return HttpResponsePermanentRedirect(f"{request.path}/" + (f"?{query}" if query else ""))
    return missing(request)


@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
def missing(request: Request) -> Response:
    raise NotFound


urlpatterns = [
    path("me/", me, name="api-me"),
    path("token/", token, name="api-token"),
    path("login/", login, name="api-login"),
    path("logout/", logout, name="api-logout"),
    path("jobs/<id:id>/", job, name="api-job"),
    path("jobs/<id:id>/cancel/", job_cancel, name="api-job-cancel"),
]
