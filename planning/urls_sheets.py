"""Pages of printed maps: order one, see how far it is, take it away; and where the QR code on paper leads."""

from django.urls import path

from planning.views import sheets
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [
    path("versions/<id:pk>/sheets/", sheets.sheet_new, name="sheet-new"),
    path("sheets/<id:pk>/", sheets.sheet, name="sheet"),
    path("sheets/<id:pk>/file/", sheets.sheet_file, name="sheet-file"),
    path("sheets/<id:pk>/preview.png", sheets.sheet_preview, name="sheet-preview"),
    path("sheets/<id:pk>/<int:number>/", sheets.sheet_place, name="sheet-place"),
]
