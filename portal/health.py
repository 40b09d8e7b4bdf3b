"""Health of the process (/healthz) and of what it stands on (/readyz)."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from portal.tasks import HEARTBEAT_KEY


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and worker answer; 503 names what does not."""
    parts = {"database": database_answers(), **broker_and_worker()}
    return JsonResponse({"ok": all(parts.values()), **parts}, status=200 if all(parts.values()) else 503)


def database_answers() -> bool:
    try:
        connection.ensure_connection()
        return connection.is_usable()
    except DatabaseError:
        return False


def broker_and_worker() -> dict[str, bool]:
    try:
        return {"redis": True, "worker": cache.get(HEARTBEAT_KEY) is not None}
    except (RedisError, OSError):
        return {"redis": False, "worker": False}
