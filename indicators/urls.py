"""Pages that show what was computed."""

from django.urls import path

from indicators.views import public

urlpatterns = [
    path("versions/<id:pk>/", public.version_page, name="version"),
    path("versions/<id:pk>/list/", public.version_list, name="version-list"),
]
