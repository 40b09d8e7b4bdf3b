"""Wiring of the REST API: which app answers where. Imported by nobody but the root of the addresses."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from planning.tiles import VERSIONS
from portal.api_kernel import nowhere
from portal.api_tiles import tile_view
from villages.tiles import BASE, OVERVIEW

v1 = [
    # first, because it is asked most
    path(
        "tiles/<tilekey:key>/<int:z>/<int:x>/<int:y>.mvt",
        tile_view({"v": VERSIONS, "b": BASE, "c": OVERVIEW}),
        name="api-tile",
    ),
    path("", include("portal.api_kernel")),
    path("", include("portal.api_accounts")),
    path("", include("portal.api_privacy")),
    path("", include("portal.api_notifications")),
    path("", include("portal.api_mail")),
    path("", include("villages.api_finding")),
    path("", include("villages.api")),
    path("", include("villages.api_tables")),
    path("", include("villages.api_joining")),
    path("", include("planning.api.urls")),
    path("", include("planning.api.urls_evidence")),
    path("", include("planning.api.urls_reviews")),
    path("", include("planning.api.urls_schedule")),
    path("", include("planning.api.urls_compare")),
    path("", include("planning.api.urls_drawing")),
    path("", include("planning.api.urls_sheets")),
    path("", include("planning.api.urls_papers")),
    path("", include("planning.api.urls_follow")),
    path("", include("planning.api.urls_answers")),
    path("", include("planning.api.urls_places")),
    path("", include("planning.api.urls_photos")),
    path("", include("planning.api.urls_consultations")),
    path("", include("planning.api.urls_supports")),
    path("", include("planning.api.urls_on_behalf")),
    path("", include("indicators.api")),
    path("", include("indicators.api_divisions")),
    path("", include("indicators.api_drawn")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="portal/api_docs.html"),
        name="api-docs",
    ),
]

urlpatterns = [
    path("v1/", include(v1)),
    re_path(r"^(?P<rest>.*)$", nowhere),
]
