"""The plan on one sheet of paper: the summary with a QR code, to be read on a phone or printed and put up."""

import io

import qrcode
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from qrcode.image.svg import SvgPathImage

from indicators import summary
from indicators.views.public import head, seen_version
from villages.rules import may_see_base_data


@require_GET
def summary_page(request: HttpRequest, pk: str) -> HttpResponse:
    version = seen_version(request.user, pk)
    address = request.build_absolute_uri(reverse("version", args=[version.pk]))
    context = head(request, version)
    context |= {
        "sections": summary.summary(version, open_data=may_see_base_data(request.user, version.division_code)),
        "address": address,
        "qr": qr(address),
        "trail": [*context["trail"][:-1], (context["trail"][-1][0], address), (_("Summary"), "")],
    }
    return render(request, "indicators/summary.html", context)


def qr(address: str) -> SafeString:
    """The address as a picture of black squares."""
    out = io.BytesIO()
    qrcode.make(address, image_factory=SvgPathImage, border=2).save(out)
    return mark_safe(out.getvalue().decode().partition("?>")[2])  # noqa: S308  drawn from the address by the library
