"""A person's choices about a file, as forms of its page send them: each leads to the file being judged again."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from planning import imports
from planning.views.uploads import staff_upload
from portal.errors import PortalError
from portal.pages import saying
from portal.pagination import MAX_NUMBER

SWAPPED = "yx"  # after the name of a coordinate system: northing or latitude first


@login_required
@require_POST
def upload_again(request: HttpRequest, pk: str) -> HttpResponse:
    """Judge the file again with what the form says; without a choice, once more as before."""
    row = staff_upload(request.user, pk)
    with saying(request):
        row = imports.again(row, by=request.user, **changes(request.POST))
    return redirect("upload", pk=row.pk)


def changes(said: QueryDict) -> dict[str, Any]:
    """The choice of one form of the page. What needs a person's word is not done without it."""
    found: dict[str, Any] = {}
    if "choose_crs" in said:
        name, _blank, order = said.get("crs", "").partition(" ")
        if not name:
            raise PortalError(_("Choose a coordinate system."), code="crs")
        if "cgcs2000" not in said:
            raise PortalError(_("Confirm that the coordinates are CGCS2000, or have them converted."), code="crs")
        found |= {"crs": name, "swap_axes": order == SWAPPED}
    if "hand_in" in said:
        found["check_only"] = False
    if said.get("store_after", "").isdecimal():
        found["after"] = min(int(said["store_after"][:9]), MAX_NUMBER)
    if "choose_encoding" in said:
        found["encoding"] = said.get("encoding", "")
    if "choose_repairs" in said:
        found["repairs"] = said.getlist("repairs")
        if not found["repairs"]:
            raise PortalError(_("Choose at least one repair."), code="repairs")
        if "consent" not in said:
            raise PortalError(_("Repairs change the plan. Confirm that you want them."), code="repairs")
    return found
