"""Pages of entering comments on behalf of others."""

from django.urls import path

from planning.views import on_behalf
from portal import api_shapes  # noqa: F401  registers <id:…>

urlpatterns = [
    path("versions/<id:pk>/comments/enter/", on_behalf.comment_enter, name="comment-enter"),
    path("versions/<id:pk>/comments/enter/table/", on_behalf.comment_table, name="comment-table"),
    path("comments/<id:pk>/mistake/", on_behalf.comment_mistake, name="comment-mistake"),
]
