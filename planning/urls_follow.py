"""Pages of following a plan, a village or an area."""

from django.urls import path

from planning.views import follows
from portal import api_shapes  # noqa: F401  registers <id:…> and <code:…>

urlpatterns = [
    path("following/", follows.following, name="following"),
    path("following/<id:pk>/name/", follows.follow_rename, name="follow-rename"),
    path("following/<id:pk>/end/", follows.follow_end, name="follow-end"),
    path("villages/<code:code>/follow/", follows.follow_new, name="follow-new"),
    path("villages/<code:code>/follow/area/", follows.follow_area, name="follow-area"),
]
