"""Errors the portal speaks of to people, and the one table from exception to HTTP answer."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal import access


class PortalError(Exception):
    """Something a person asked for cannot be done; `message` says why and what to do next."""

    status = 400
    code = "invalid"

    def __init__(self, message: Any, *, code: str = "", data: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.data = data or {}


class Conflict(PortalError):
    """The state of the object does not allow it now (409)."""

    status = 409
    code = "conflict"


class NotAllowed(PortalError):
    """The person is known and may see the object, but may not do this (403). Strangers get 404 instead."""

    status = 403
    code = "not_allowed"


class TooMany(PortalError):
    """Asked too often (429)."""

    status = 429
    code = "throttled"


class TooLarge(PortalError):
    """More bytes than are taken here (413)."""

    status = 413
    code = "too_large"


LOCK_NOT_AVAILABLE = "55P03"


def spoken(exception: Exception) -> PortalError | None:
    """The error people are told: our own, or that somebody else holds what they wanted for longer than one waits."""
    if isinstance(exception, OperationalError) and getattr(exception.__cause__, "pgcode", "") == LOCK_NOT_AVAILABLE:
        return Conflict(_("Others are changing this at the moment. Please try again in a minute."), code="busy")
    return exception if isinstance(exception, PortalError) else None


def as_json(error: PortalError) -> dict[str, Any]:
    """The one shape of every error answer."""
    return {
        "error": {"code": error.code, "message": str(error.message), **({"data": error.data} if error.data else {})}
    }


class PortalErrorMiddleware:
    """Turns a PortalError that left a page's view into a page that says what to do next; puts refusals on the record."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        access.note_refusal(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        error = spoken(exception)
        return answer(request, error) if error else None


def answer(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The error as a page, or in the API's own shape."""
    if request.path.startswith("/api/"):
        return JsonResponse(as_json(error), status=error.status)
    return render(request, "portal/error.html", {"error": error}, status=error.status)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours (handler500): the API answers in its own shape, a page in words; what happened is in the log."""
    if request.path.startswith("/api/"):
        error = PortalError(_("Something went wrong on our side. Please try again later."), code="server_error")
        return JsonResponse(as_json(error), status=500)
    return defaults.server_error(request)


def drf_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exceptions in the same shape as ours."""
    if error := spoken(exc):
        return Response(as_json(error), status=error.status)
    response = exception_handler(exc, context)
    if response is None:
        return None
    code, message, data = "error", str(exc), {}
    if isinstance(exc, Http404):
        code, message = "not_found", _("Not found.")
    elif isinstance(exc, PermissionDenied):
        code, message = "not_allowed", _("You may not do this.")
    elif isinstance(exc, APIException):
        code = exc.default_code
        if isinstance(exc.detail, dict | list):
            code, message, data = "invalid", _("Some values are not right."), {"fields": exc.detail}
        else:
            message = exc.detail
    response.data = {"error": {"code": code, "message": str(message), **({"data": data} if data else {})}}
    return response
