"""Pages of the joint review: requests, opinions, answers, conditions."""

from django.urls import path

from planning.views import review_requests, reviews
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [
    path("reviews/", review_requests.review_requests, name="review-requests"),
    path("reviews/<id:pk>/", review_requests.review_request, name="review-request"),
    path("reviews/<id:pk>/declaration/", review_requests.review_declare, name="review-declare"),
    path("reviews/<id:pk>/opinions/", review_requests.review_opinion, name="review-opinion"),
    path("reviews/<id:pk>/finish/", review_requests.review_finish, name="review-finish"),
    path("reviews/<id:pk>/call-back/", review_requests.review_call_back, name="review-call-back"),
    path("versions/<id:pk>/reviews/new/", reviews.review_ask, name="review-ask"),
    path("versions/<id:pk>/opinions/", reviews.version_opinions, name="version-opinions"),
    path("versions/<id:pk>/opinions.xlsx", reviews.version_opinions_file, name="version-opinions-xlsx"),
    path("opinions/<id:pk>/answer/", reviews.opinion_answer, name="opinion-answer"),
    path("versions/<id:pk>/conditions/new/", reviews.condition_new, name="condition-new"),
    path("versions/<id:pk>/conditions/<int:number>/drop/", reviews.condition_drop, name="condition-drop"),
    path("versions/<id:pk>/conditions/<int:number>/met/", reviews.condition_met, name="condition-met"),
]
