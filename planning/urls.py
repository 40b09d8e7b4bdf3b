"""Pages of plans: villages with their plans, comments, uploads, steps."""

from django.urls import path

from planning.views import comments, pictures, villages

urlpatterns = [
    path("villages/", villages.village_list, name="village-list"),
    path("villages/<code:code>/", villages.village, name="village"),
    path("versions/<id:pk>/picture.png", pictures.version_picture, name="version-picture"),
    path("versions/<id:pk>/comments/", comments.comment_new, name="comment-new"),
    path("comments/<id:pk>/reply/", comments.reply_new, name="reply-new"),
]
