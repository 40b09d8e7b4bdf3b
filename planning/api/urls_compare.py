"""API that compares versions of a plan, says why zones were changed, checks digests, hides comments and lets them out."""

from django.urls import path

from planning.api import comparing, looking, watched_words

urlpatterns = [
    path("versions/<id:id>/compare/", comparing.compare, name="api-version-compare"),
    path("versions/<id:id>/causes/", comparing.cause_new, name="api-version-causes"),
    path("versions/<id:id>/causes/take-back/", comparing.cause_take_back, name="api-version-cause-take-back"),
    path("versions/<id:id>/earlier-comments/", comparing.earlier_comments, name="api-version-earlier-comments"),
    path("versions/<id:id>/digest/", comparing.digest, name="api-version-digest"),
    path("versions/<id:id>/comments/look/", looking.comments_look, name="api-comments-look"),
    path("comments/<id:id>/", comparing.comment, name="api-comment"),
    path("comments/<id:id>/hide/", comparing.comment_hide, name="api-comment-hide"),
    path("comments/<id:id>/show/", comparing.comment_show, name="api-comment-show"),
    path("comments/<id:id>/release/", comparing.comment_release, name="api-comment-release"),
    path("watched-words/", watched_words.words, name="api-watched-words"),
    path("watched-words/<int:id>/end/", watched_words.word_end, name="api-watched-word-end"),
    path("uploads/<id:id>/discard/", comparing.upload_discard, name="api-upload-discard"),
]
