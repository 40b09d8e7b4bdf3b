"""The page's address of supporting a comment."""

from django.urls import path

from planning.views import supports
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [path("comments/<id:pk>/support/", supports.comment_support, name="comment-support")]
