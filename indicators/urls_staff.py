"""Pages of officials and authors that show what was computed: the review of a version and the desk."""

from django.urls import path

from indicators.views import desk, review
from portal import api_shapes  # noqa: F401  registers <id:…>

urlpatterns = [
    path("versions/<id:pk>/review/", review.review, name="review"),
    path("versions/<id:pk>/judge/", review.version_judge, name="version-judge"),
    path("desk/", desk.desk, name="desk"),
]
