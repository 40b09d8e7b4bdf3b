"""Addresses of the planning part of the API."""

from django.urls import path

from planning.api import choices, exports, participation, plans, profiles, reports, resumable, uploads, versions
from portal.bodies import takes_files

urlpatterns = [
    path("land-use-classes/", plans.land_use_classes, name="api-land-use-classes"),
    path("plans/", plans.plan_list, name="api-plans"),
    path("plans/<id:id>/", plans.plan, name="api-plan"),
    path("versions/<id:id>/", versions.version, name="api-version"),
    path("versions/<id:id>/tiles.json", versions.tile_json, name="api-version-tiles"),
    path("versions/<id:id>/zones/", versions.zones, name="api-version-zones"),
    path("versions/<id:id>/findings/", versions.findings, name="api-version-findings"),
    path("versions/<id:id>/projects/", versions.projects, name="api-version-projects"),
    path("versions/<id:id>/identify/", versions.identify_in_version, name="api-version-identify"),
    path("versions/<id:id>/history/", versions.history, name="api-version-history"),
    path("versions/<id:id>/steps/", versions.steps, name="api-version-steps"),
    path("versions/<id:id>/plan.gpkg", exports.geopackage, name="api-version-geopackage"),
    path("versions/<id:id>/comments/", participation.comments, name="api-version-comments"),
    path("comments/<id:id>/replies/", participation.replies, name="api-comment-replies"),
    path("identify/", versions.identify_anywhere, name="api-identify"),
    path("uploads/", uploads.upload_new, name="api-uploads"),
    path("uploads/known/", resumable.known, name="api-upload-known"),
    path("uploads/resumable/", resumable.ResumableUploads.as_view(), name="api-resumables"),
    path("uploads/resumable/<id:id>/", takes_files(resumable.ResumableUpload.as_view()), name="api-resumable"),
    path("uploads/<id:id>/", uploads.upload, name="api-upload"),
    path("uploads/<id:id>/issues/", uploads.issues, name="api-upload-issues"),
    path("uploads/<id:id>/report/", reports.report, name="api-upload-report"),
    path("uploads/<id:id>/report.xlsx", reports.report_xlsx, name="api-upload-report-xlsx"),
    path("uploads/<id:id>/report.pdf", reports.report_pdf, name="api-upload-report-pdf"),
    path("uploads/<id:id>/preview/", uploads.preview, name="api-upload-preview"),
    path("uploads/<id:id>/proposals/", choices.upload_proposals, name="api-upload-proposals"),
    path("uploads/<id:id>/questions/", choices.upload_questions, name="api-upload-questions"),
    path("uploads/<id:id>/again/", choices.upload_again, name="api-upload-again"),
    path("profiles/", profiles.profile_list, name="api-profiles"),
    path("profiles/<slug:name>/", profiles.profile, name="api-profile"),
    path("profiles/<slug:name>/file/", profiles.profile_file, name="api-profile-file"),
]
