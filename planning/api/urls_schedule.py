"""API of dates: the schedule of a version, deadlines, the county's board."""

from django.urls import path

from planning.api import schedule, waiting

urlpatterns = [
    path("waiting/", waiting.waiting_list, name="api-waiting"),
    path("late/", waiting.late_list, name="api-late"),
    path("deadlines.ics", schedule.deadlines_ics, name="api-deadlines-ics"),
    path("divisions/<code:code>/board/", waiting.division_board, name="api-division-board"),
    path("versions/<id:id>/schedule/", schedule.version_schedule, name="api-version-schedule"),
    path("versions/<id:id>/schedule/preview/", schedule.version_schedule_preview, name="api-version-schedule-preview"),
    path("versions/<id:id>/deadlines/", schedule.version_deadlines, name="api-version-deadlines"),
]
