"""Pages of drawing a plan in the browser."""

from django.urls import path

from planning.views import drawings
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [
    path("villages/<code:code>/drawings/", drawings.drawing_list, name="drawings"),
    path("drawings/<id:pk>/", drawings.drawing, name="drawing"),
    path("drawings/<id:pk>/discard/", drawings.drawing_discard, name="drawing-discard"),
    path("drawings/<id:pk>/reopen/", drawings.drawing_reopen, name="drawing-reopen"),
    path("drawings/<id:pk>/rename/", drawings.drawing_rename, name="drawing-rename"),
]
