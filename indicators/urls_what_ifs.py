"""Pages of what-ifs: what a comment would change if it were adopted."""

from django.urls import path

from indicators.views import what_ifs
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [
    path("comments/<id:pk>/what-if/", what_ifs.what_if_new, name="what-if-new"),
    path("what-ifs/<id:pk>/", what_ifs.what_if_page, name="what-if"),
    path("what-ifs/<id:pk>/again/", what_ifs.what_if_again, name="what-if-again"),
    path("what-ifs/<id:pk>/drawing/", what_ifs.what_if_drawing, name="what-if-drawing"),
]
