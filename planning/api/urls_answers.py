"""API of official answers to comments."""

from django.urls import path

from planning.api import answers

urlpatterns = [
    path("versions/<id:id>/answers/", answers.version_answers, name="api-version-answers"),
    path("versions/<id:id>/heard/", answers.version_heard, name="api-version-heard"),
    path("versions/<id:id>/comments.xlsx", answers.statement_xlsx, name="api-statement-xlsx"),
    path("versions/<id:id>/comments.docx", answers.statement_docx, name="api-statement-docx"),
    path("comments/<id:id>/theme/", answers.comment_theme, name="api-comment-theme"),
    path("comment-themes/", answers.theme_list, name="api-comment-themes"),
]
