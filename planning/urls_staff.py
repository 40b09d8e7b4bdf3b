"""Pages of planners, committees, townships and reviewers: uploads, their mapping, and the moves of a version."""

from django.urls import path

from planning.views import choices, exports, handing_in, mapping, moves, reports, uploads, waivers, worklist
from portal import api_shapes  # noqa: F401  registers <id:…>: what is no id is no address

urlpatterns = [
    path("uploads/new/", handing_in.upload_new, name="upload-new"),
    path("uploads/<id:pk>/", uploads.upload, name="upload"),
    path("uploads/<id:pk>/cancel/", uploads.upload_cancel, name="upload-cancel"),
    path("uploads/<id:pk>/again/", choices.upload_again, name="upload-again"),
    path("uploads/<id:pk>/codes/", worklist.upload_codes, name="upload-codes"),
    path("uploads/<id:pk>/issues.csv", uploads.upload_issues, name="upload-issues"),
    path("uploads/<id:pk>/report/", reports.upload_report, name="upload-report"),
    path("uploads/<id:pk>/report.xlsx", reports.upload_report_file, {"form": "xlsx"}, name="upload-report-xlsx"),
    path("uploads/<id:pk>/report.pdf", reports.upload_report_file, {"form": "pdf"}, name="upload-report-pdf"),
    path("uploads/<id:pk>/mapping/", mapping.upload_mapping, name="upload-mapping"),
    path("versions/<id:pk>/plan.gpkg", exports.version_geopackage, name="version-geopackage"),
    path("versions/<id:pk>/report/", reports.version_report, name="version-report"),
    path("versions/<id:pk>/report.xlsx", reports.version_report_file, {"form": "xlsx"}, name="version-report-xlsx"),
    path("versions/<id:pk>/report.pdf", reports.version_report_file, {"form": "pdf"}, name="version-report-pdf"),
    path("versions/<id:pk>/move/", moves.version_move, name="version-move"),
    path("versions/<id:pk>/findings/<int:number>/exception/", waivers.waiver_new, name="waiver-new"),
    path("exceptions/<id:pk>/", waivers.waiver, name="waiver"),
    path("exceptions/<id:pk>/decide/", waivers.waiver_decide, name="waiver-decide"),
    path("exceptions/<id:pk>/document/", waivers.waiver_document, name="waiver-document"),
]
