"""Addresses of marked sheets in the API."""

from django.urls import path

from planning.api import papers

urlpatterns = [
    path("versions/<id:id>/papers/", papers.version_papers, name="api-papers"),
    path("papers/<id:id>/", papers.paper, name="api-paper"),
    path("papers/<id:id>/flat.jpg", papers.flat, name="api-paper-flat"),
    path("papers/<id:id>/photo.jpg", papers.photo, name="api-paper-photo"),
    path("papers/<id:id>/marks/<int:number>.jpg", papers.mark_picture, name="api-paper-mark-picture"),
    path("papers/<id:id>/sheet/", papers.paper_sheet, name="api-paper-sheet"),
    path("papers/<id:id>/marks/", papers.mark_new, name="api-paper-mark-new"),
    path("papers/<id:id>/marks/<int:number>/comment/", papers.mark_enter, name="api-paper-mark-enter"),
    path("papers/<id:id>/marks/<int:number>/aside/", papers.mark_aside, name="api-paper-mark-aside"),
    path("papers/<id:id>/marks/<int:number>/place/", papers.mark_place, name="api-paper-mark-place"),
]
