"""API of drawing a plan in the browser."""

from django.urls import path

from planning.api import drawings

urlpatterns = [
    path("drawings/", drawings.drawing_list, name="api-drawings"),
    path("drawings/<id:id>/", drawings.drawing, name="api-drawing"),
    path("drawings/<id:id>/changes/", drawings.changes, name="api-drawing-changes"),
    path("drawings/<id:id>/steps/", drawings.steps, name="api-drawing-steps"),
    path("drawings/<id:id>/hand-in/", drawings.hand_in, name="api-drawing-hand-in"),
    path("drawings/<id:id>/discard/", drawings.discard, name="api-drawing-discard"),
    path("drawings/<id:id>/reopen/", drawings.reopen, name="api-drawing-reopen"),
]
