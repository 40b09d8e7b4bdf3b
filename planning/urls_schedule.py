"""Pages of dates: the schedule of a version, what waits, what is late, the county's board."""

from django.urls import path

from planning.views import board, schedule, waiting
from portal import api_shapes  # noqa: F401  registers <id:…> and <code:…>

urlpatterns = [
    path("waiting/", waiting.waiting, name="waiting"),
    path("late/", waiting.late_list, name="late"),
    path("deadlines.ics", waiting.deadlines_ics, name="deadlines-ics"),
    path("divisions/<code:code>/deadlines.ics", waiting.division_ics, name="division-ics"),
    path("divisions/<code:code>/board/", board.division_board, name="division-board"),
    path("versions/<id:pk>/schedule/", schedule.schedule_preview, name="schedule-preview"),
]
