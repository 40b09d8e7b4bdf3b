"""Pages of marked sheets: photographs come in, marks become comments on behalf."""

from django.urls import path

from planning.views import paper_marks, papers

urlpatterns = [
    path("versions/<id:pk>/papers/", papers.paper_list, name="papers"),
    path("papers/<id:pk>/", papers.paper, name="paper"),
    path("papers/<id:pk>/flat.jpg", papers.paper_flat, name="paper-flat"),
    path("papers/<id:pk>/photo.jpg", papers.paper_photo, name="paper-photo"),
    path("papers/<id:pk>/sheet/", papers.paper_sheet, name="paper-sheet"),
    path("papers/<id:pk>/marks/", paper_marks.mark_new, name="paper-mark-new"),
    path("papers/<id:pk>/marks/<int:number>.jpg", paper_marks.mark_picture, name="paper-mark-picture"),
    path("papers/<id:pk>/marks/<int:number>/comment/", paper_marks.mark_enter, name="paper-mark-enter"),
    path("papers/<id:pk>/marks/<int:number>/aside/", paper_marks.mark_aside, name="paper-mark-aside"),
    path("papers/<id:pk>/marks/<int:number>/place/", paper_marks.mark_place, name="paper-mark-place"),
]
