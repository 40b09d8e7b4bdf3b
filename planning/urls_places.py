"""Pages of the way in: home, my village at my position, what changes at my place."""

from django.urls import path

from planning.views import home, my_place
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [
    path("", home.home, name="home"),
    path("find/", home.village_at, name="village-at"),
    path("versions/<id:pk>/my-place/", my_place.my_place, name="my-place"),
]
