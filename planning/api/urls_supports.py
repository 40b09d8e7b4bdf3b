"""API of supporting a comment."""

from django.urls import path

from planning.api import supports

urlpatterns = [path("comments/<id:id>/support/", supports.support, name="api-comment-support")]
