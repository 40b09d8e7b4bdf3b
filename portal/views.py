"""Pages of the kernel: home, sign-in, language, jobs."""

from django.conf import settings
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal import checks, jobs
from portal.api_throttles import LoginThrottle
from portal.errors import TooMany
from portal.models import Job, User


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return redirect("village-list")


class Login(auth.LoginView):
    template_name = "portal/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Guessing is as slow here as through the API, and counted together with it."""
        if not LoginThrottle().allow_request(request, self):
            raise TooMany(_("Too many attempts. Please wait a minute and try again."))
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict:
        demo = (
            User.objects.filter(username__startswith="demo_").prefetch_related("memberships") if settings.DEMO else []
        )
        return super().get_context_data(demo_accounts=demo, demo_password=checks.DEMO_PASSWORD, **kwargs)


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
