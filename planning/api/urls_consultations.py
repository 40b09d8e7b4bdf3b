"""API of earlier consultations that are taken in."""

from django.urls import path

from planning.api import consultations

urlpatterns = [
    path("versions/<id:id>/consultations/", consultations.consultation_list, name="api-consultations"),
    path("versions/<id:id>/consultations/look/", consultations.look, name="api-consultation-look"),
    path("consultations/<id:id>/comments/", consultations.comments, name="api-consultation-comments"),
]
