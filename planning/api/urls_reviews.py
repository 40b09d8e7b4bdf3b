"""API of the joint review: requests, opinions, answers, conditions."""

from django.urls import path

from planning.api import conditions, reviews

urlpatterns = [
    path("reviews/", reviews.request_list, name="api-reviews"),
    path("reviews/<id:id>/", reviews.one_request, name="api-review"),
    path("reviews/<id:id>/declaration/", reviews.declaration, name="api-review-declaration"),
    path("reviews/<id:id>/opinions/", reviews.request_opinions, name="api-review-opinions"),
    path("reviews/<id:id>/finish/", reviews.finish, name="api-review-finish"),
    path("reviews/<id:id>/call-back/", reviews.call_back, name="api-review-call-back"),
    path("versions/<id:id>/reviews/", reviews.version_requests, name="api-version-reviews"),
    path("versions/<id:id>/reviewers/", reviews.reviewers, name="api-version-reviewers"),
    path("versions/<id:id>/opinions/", reviews.version_opinions, name="api-version-opinions"),
    path("versions/<id:id>/opinions.xlsx", reviews.version_opinions_file, name="api-version-opinions-xlsx"),
    path("opinions/<id:id>/answer/", reviews.opinion_answer, name="api-opinion-answer"),
    path("versions/<id:id>/conditions/", conditions.condition_list, name="api-version-conditions"),
    path("versions/<id:id>/conditions/<int:number>/", conditions.condition, name="api-version-condition"),
    path("versions/<id:id>/conditions/<int:number>/met/", conditions.condition_met, name="api-version-condition-met"),
]
