"""The only place that mounts the apps."""

from django.contrib import admin
from django.urls import include, path

from portal import health, views

urlpatterns = [
    path("", include("planning.urls_places")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("language/<str:code>/", views.language, name="language"),
    path("jobs/<str:pk>/", views.job, name="job"),
    path("jobs/<str:pk>/cancel/", views.job_cancel, name="job-cancel"),
    path("admin/", admin.site.urls),
    path("api/", include("portal.api")),
    path("", include("portal.urls_accounts")),
    path("", include("portal.urls_privacy")),
    path("", include("portal.urls_notifications")),
    path("", include("portal.urls_mail")),
    path("", include("villages.urls")),
    path("", include("villages.urls_joining")),
    path("", include("planning.urls")),
    path("", include("planning.urls_staff")),
    path("", include("planning.urls_evidence")),
    path("", include("planning.urls_reviews")),
    path("", include("planning.urls_schedule")),
    path("", include("planning.urls_compare")),
    path("", include("planning.urls_drawing")),
    path("", include("planning.urls_sheets")),
    path("", include("planning.urls_papers")),
    path("", include("planning.urls_follow")),
    path("", include("planning.urls_answers")),
    path("", include("planning.urls_photos")),
    path("", include("planning.urls_consultations")),
    path("", include("planning.urls_supports")),
    path("", include("planning.urls_on_behalf")),
    path("", include("indicators.urls")),
    path("", include("indicators.urls_staff")),
    path("", include("indicators.urls_what_ifs")),
]

handler500 = "portal.errors.server_error"
