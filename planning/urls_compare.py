"""Pages that compare two versions of a plan, say why a zone was changed, hide comments and let them out."""

from django.urls import path

from planning.views import comparing, handing_in, looking, moderation, watched_words
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [
    path("versions/<id:pk>/compare/", comparing.version_compare, name="version-compare"),
    path("versions/<id:pk>/causes/", comparing.cause_new, name="cause-new"),
    path("versions/<id:pk>/comments/look/", looking.comments_look, name="comments-look"),
    path("comments/<id:pk>/hide/", moderation.comment_hide, name="comment-hide"),
    path("comments/<id:pk>/show/", moderation.comment_show, name="comment-show"),
    path("comments/<id:pk>/release/", moderation.comment_release, name="comment-release"),
    path("watched-words/", watched_words.words, name="watched-words"),
    path("watched-words/<int:pk>/end/", watched_words.word_end, name="watched-word-end"),
    path("uploads/<id:pk>/discard/", handing_in.upload_discard, name="upload-discard"),
]
