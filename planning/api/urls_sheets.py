"""API of printed maps."""

from django.urls import path

from planning.api import sheets

urlpatterns = [
    path("versions/<id:id>/sheets/", sheets.sheet_new, name="api-sheet-new"),
    path("sheets/<id:id>/", sheets.sheet, name="api-sheet"),
    path("sheets/<id:id>/file/", sheets.sheet_file, name="api-sheet-file"),
    path("sheets/<id:id>/cancel/", sheets.sheet_cancel, name="api-sheet-cancel"),
]
