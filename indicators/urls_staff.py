"""Pages of officials and authors that show what was computed: the review of a version and the desk."""

from django.urls import path

from indicators.views import desk, judgement, review
from portal import api_shapes  # noqa: F401  registers <id:…>

urlpatterns = [
    path("versions/<id:pk>/review/", review.review, name="review"),
    path("versions/<id:pk>/judge/", review.version_judge, name="version-judge"),
    path("desk/", desk.desk, name="desk"),
    path("divisions/<code:code>/judgement/", judgement.judgement, name="division-judgement"),
    path("divisions/<code:code>/judgement/check/", judgement.judgement_check, name="division-judgement-check"),
    path("divisions/<code:code>/judgement/cancel/", judgement.judgement_cancel, name="division-judgement-cancel"),
]
