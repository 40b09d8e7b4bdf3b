"""Addresses of photos that go with comments."""

from django.urls import path

from planning.views import photos
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [
    path("photos/<id:pk>.jpg", photos.photo, name="photo"),
    path("photos/<id:pk>-small.jpg", photos.photo_small, name="photo-small"),
]
