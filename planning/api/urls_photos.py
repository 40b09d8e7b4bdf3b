"""API of photos that go with comments."""

from django.urls import path

from planning.api import photos

urlpatterns = [
    path("versions/<id:id>/photos/", photos.version_photos, name="api-version-photos"),
    path("photos/<id:id>/", photos.photo, name="api-photo"),
]
