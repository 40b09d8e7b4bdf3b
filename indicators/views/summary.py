"""The plan on one sheet of paper: the summary with a QR code, to be read on a phone or printed and put up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from indicators import summary
from indicators.views.public import head, seen_version
from planning.views.trails import version_trail
from portal import qr
from villages.rules import may_see_base_data


@require_GET
def summary_page(request: HttpRequest, pk: str) -> HttpResponse:
    version = seen_version(request.user, pk)
    address = request.build_absolute_uri(reverse("version", args=[version.pk]))
    context = head(request, version)
    context |= {
        "sections": summary.summary(version, open_data=may_see_base_data(request.user, version.division_code)),
        "address": address,
        "qr": qr.source(address),
        "trail": version_trail(version, _("Summary")),
    }
    return render(request, "indicators/summary.html", context)
