"""Pages of official answers: answering several comments at once, what was said and done, the table of answered comments."""

from django.urls import path

from planning.views import answers, heard
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [
    path("versions/<id:pk>/answers/", answers.version_answers, name="version-answers"),
    path("comments/<id:pk>/theme/", answers.comment_theme, name="comment-theme"),
    path("versions/<id:pk>/heard/", heard.version_heard, name="heard"),
    path("versions/<id:pk>/comments.xlsx", heard.statement_file, {"form": "xlsx"}, name="statement-xlsx"),
    path("versions/<id:pk>/comments.docx", heard.statement_file, {"form": "docx"}, name="statement-docx"),
]
