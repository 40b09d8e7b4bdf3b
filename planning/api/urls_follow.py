"""API of following."""

from django.urls import path

from planning.api import follows

urlpatterns = [
    path("follows/", follows.follow_list, name="api-follows"),
    path("follows/<id:id>/", follows.follow, name="api-follow"),
]
