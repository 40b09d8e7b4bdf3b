"""Addresses of earlier consultations that are taken in."""

from django.urls import path

from planning.views import consultations
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [
    path("versions/<id:pk>/consultations/", consultations.consultation_list, name="consultation-list"),
    path("consultations/<id:pk>/", consultations.consultation, name="consultation"),
]
