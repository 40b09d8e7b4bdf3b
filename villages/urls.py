"""Pages of tables that are handed in."""

from django.urls import path

from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address
from villages.views import tables

urlpatterns = [
    path("tables/", tables.table_list, name="table-list"),
    path("tables/templates/<slug:kind>.<slug:extension>", tables.table_template, name="table-template"),
    path("tables/<id:pk>/", tables.table, name="table"),
    path("tables/<id:pk>/store/", tables.table_store, name="table-store"),
    path("tables/<id:pk>/undo/", tables.table_undo, name="table-undo"),
    path("tables/<id:pk>/cancel/", tables.table_cancel, name="table-cancel"),
    path("tables/<id:pk>/faults.xlsx", tables.table_marked, name="table-marked"),
]
