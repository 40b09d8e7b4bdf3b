"""API of what changes at a place."""

from django.urls import path

from planning.api import my_place

urlpatterns = [path("versions/<id:id>/my-place/", my_place.my_place, name="api-my-place")]
