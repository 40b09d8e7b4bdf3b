"""Pages of the kernel: language, jobs."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from portal import jobs
from portal.models import Job


@require_POST
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the language and go back to the page the person was on."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("home")
    response = HttpResponseRedirect(back)
    if code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=365 * 86400,
            samesite="Lax",
            httponly=True,
            secure=settings.HTTPS,
        )
    return response


def own_job(request: HttpRequest, pk: str) -> Job:
    """The job if the person started it; strangers get 404."""
    return get_object_or_404(Job, pk=pk, created_by=request.user if request.user.is_authenticated else -1)


def job_json(job: Job) -> dict:
    return {
        "id": job.pk,
        "kind": job.kind,
        "state": job.state,
        "state_text": job.get_state_display(),
        "percent": job.percent,
        "message": job.message,
        "result": job.result,
        "final": job.is_final,
    }


@require_GET
def job(request: HttpRequest, pk: str) -> JsonResponse:
    return JsonResponse(job_json(own_job(request, pk)))


@require_POST
def job_cancel(request: HttpRequest, pk: str) -> JsonResponse:
    row = own_job(request, pk)
    jobs.cancel(row)
    row.refresh_from_db()
    return JsonResponse(job_json(row))
