"""API: What the portal tells a person, and the days it counts by."""

from datetime import datetime

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from portal import api_calendar, notify
from portal.api_parsers import JSONBody
from portal.api_shapes import errors, read_query, require_user, results
from portal.models import Notification
from portal.pagination import PageQuery, next_url, wrong_cursor


class NotificationQuery(PageQuery):
    unread = serializers.BooleanField(default=False, help_text="Only those you have not read.")


class NotificationShape(serializers.ModelSerializer):
    id = serializers.CharField(source="once")
    text = serializers.SerializerMethodField()
    url = serializers.CharField(help_text="The page where it is dealt with; may be empty.")

    class Meta:
        model = Notification
        fields = ["id", "kind", "text", "url", "created_at", "read_at"]

    def get_text(self, row: Notification) -> str:
        return notify.words(row)


class ReadShape(serializers.Serializer):
    unread = serializers.IntegerField(help_text="How many are left that you have not read.")


@extend_schema(
    operation_id="notifications",
    tags=["notifications"],
    parameters=[NotificationQuery],
    responses={200: results("Notification", NotificationShape), **errors(400, 403)},
)
@api_view(["GET"])
def notification_list(request: Request) -> Response:
    """What the portal told you, the newest first."""
    rows, query = (
        require_user(request).notifications.order_by("-created_at", "-once"),
        read_query(request, NotificationQuery),
    )
    if query["unread"]:
        rows = rows.filter(read_at=None)
    if cursor := query.get("cursor"):
        try:
            rows = rows.filter(created_at__lt=datetime.fromisoformat(cursor))
        except ValueError:
            raise wrong_cursor() from None
    found, size = list(rows[: query["page_size"] + 1]), query["page_size"]
    following = next_url(request, found[size - 1].created_at.isoformat()) if len(found) > size else None
    return Response({"results": NotificationShape(found[:size], many=True).data, "next": following})


@extend_schema(
    operation_id="notification_read",
    tags=["notifications"],
    request=None,
    responses={200: NotificationShape, **errors(403, 404)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def read_one(request: Request, key: str) -> Response:
    """Mark one as read."""
    user = require_user(request)
    get_object_or_404(user.notifications, once=key)
    notify.mark_read(user, key)
    return Response(NotificationShape(user.notifications.get(once=key)).data)


@extend_schema(
    operation_id="notifications_read", tags=["notifications"], request=None, responses={200: ReadShape, **errors(403)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def read_all(request: Request) -> Response:
    """Mark all as read."""
    user = require_user(request)
    notify.mark_read(user)
    return Response({"unread": notify.unread(user)})


urlpatterns = [
    path("notifications/", notification_list, name="api-notifications"),
    path("notifications/read/", read_all, name="api-notifications-read"),
    path("notifications/<slug:key>/read/", read_one, name="api-notification-read"),
    path("calendar/", api_calendar.days, name="api-calendar"),
    path("calendar/<code:code>/<slug:day>/", api_calendar.one_day, name="api-calendar-day"),
    path("workdays/", api_calendar.count, name="api-workdays"),
]
