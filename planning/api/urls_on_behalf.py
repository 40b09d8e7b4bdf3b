"""API of entering comments on behalf of others."""

from django.urls import path

from planning.api import on_behalf
from portal.bodies import takes_files

urlpatterns = [
    path("versions/<id:id>/comments/on-behalf/", on_behalf.on_behalf_new, name="api-comment-on-behalf"),
    path("versions/<id:id>/comments/on-behalf/table/", takes_files(on_behalf.table_new), name="api-comment-table"),
    path("comments/<id:id>/mistake/", on_behalf.mistake, name="api-comment-mistake"),
]
