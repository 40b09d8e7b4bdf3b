"""Pages that show what was computed."""

from django.urls import path

from indicators.views import figures, public, summary

urlpatterns = [
    path("versions/<id:pk>/", public.version_page, name="version"),
    path("versions/<id:pk>/summary/", summary.summary_page, name="version-summary"),
    path("versions/<id:pk>/list/", public.version_list, name="version-list"),
    path("versions/<id:pk>/indicators/", figures.indicators_page, name="version-indicators"),
    path("versions/<id:pk>/indicators/<slug:code>/", figures.indicator_page, name="version-indicator"),
    path("versions/<id:pk>/ledgers/", figures.ledgers_page, name="version-ledgers"),
    path("versions/<id:pk>/tables/<str:name>", figures.numbers_file, name="version-numbers-file"),
]
