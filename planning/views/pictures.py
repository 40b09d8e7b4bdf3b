"""The small picture of a plan."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from planning import generalised
from planning.models import PlanVersion
from portal.api_tiles import FOREVER


@require_GET
def version_picture(request: HttpRequest, pk: str) -> HttpResponse:
    """The plan as PNG; its address names the digest (`of`), so what everybody may see is kept for ever."""
    version = get_object_or_404(PlanVersion.objects.visible_to(request.user).with_plan(), pk=pk)
    data = generalised.picture(version)
    if data is None:
        raise Http404
    forever = version.is_public and request.GET.get("of") == version.digest[:12]
    return HttpResponse(
        data, content_type="image/png", headers={"Cache-Control": FOREVER if forever else "private, no-store"}
    )
