"""Devices (设备) that somebody signed in with before: they are not shut out by others behind the same address."""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from portal.models import User

DEVICE_DAYS = 180


def remember(response: HttpResponse, user: User) -> None:
    """Leave a signed mark of the person in this browser. It signs nobody in."""
    response.set_cookie(
        settings.COOKIE_PREFIX + "device",
        signing.dumps(user.pk, salt="device"),
        max_age=DEVICE_DAYS * 86400,
        samesite="Lax",
        httponly=True,
        secure=settings.HTTPS,
    )


def known(request: HttpRequest, username: str) -> str:
    """Name of the device, if this person signed in with it before; else empty."""
    try:
        pk = signing.loads(
            request.COOKIES.get(settings.COOKIE_PREFIX + "device", ""), salt="device", max_age=DEVICE_DAYS * 86400
        )
    except signing.BadSignature:
        return ""
    return f"device-{pk}" if User.objects.filter(pk=pk, username=username).exists() else ""
