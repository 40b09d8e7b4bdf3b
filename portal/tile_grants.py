"""Rights to tiles, remembered for some seconds: a map asks for dozens of tiles at once, and each asked six questions.

What was found out for one tile holds for the next as long as the rows it was found out from are the same. Their marks are read
by the query that makes the tile, so a session that ended, a role that was taken or a version that changed counts at once.
What passes by the clock alone (a session's rest, the last day of a role) counts `SECONDS` later at most.
"""

import time
from collections import OrderedDict
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest

from portal.geo import sql
from portal.geo.tiles import Source, Tileset
from portal.models import User

SECONDS = 20
MOST = 500
PERSON = """md5(concat_ws(' ',
    (SELECT s.session_data FROM django_session s WHERE s.session_key = %(session)s AND s.expire_date > now()),
    (SELECT u::text FROM portal_user u WHERE u.id = %(user)s),
    (SELECT string_agg(m::text, ' ' ORDER BY m.id) FROM portal_membership m WHERE m.user_id = %(user)s)))"""
"""what says who asks, and for whom that person acts"""


class Grant(NamedTuple):
    """What a session (of everybody: "") may see under a key, and the marks of the rows that said so."""

    source: Source
    query: str
    params: dict[str, Any]
    marks: tuple[str, ...]
    until: float


_granted: "OrderedDict[tuple[str, str], Grant]" = OrderedDict()


def session_of(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def known(request: HttpRequest, key: str) -> Grant | None:
    """What was granted under the key a moment ago; its marks are still to be compared."""
    for who in ("", session_of(request)):
        grant = _granted.get((who, key))
        if grant is not None and grant.until > time.monotonic():
            return grant
    return None


def find(request: HttpRequest, tileset: Tileset, key: str) -> Source | None:
    """Ask the tileset, and remember what it granted.

    Each mark is taken before what depends on it is read: what changes in between is seen by the next tile.
    """
    if not tileset.watched:
        return tileset.find(key, lambda: request.user)
    params: dict[str, Any] = {"key": key}
    marks, parts = [], [f"md5({tileset.watched})"]
    marks.append(sql.execute(f"SELECT {parts[0]}", params)[0])

    def user() -> User:  # the session is read only when the tile is not public
        if not request.user.is_authenticated:
            return request.user
        params.update(session=session_of(request), user=request.user.pk)
        parts.append(PERSON)
        marks.append(sql.execute(f"SELECT {PERSON}", params)[0])
        return request.user

    source = tileset.find(key, user)
    who = params.get("session", "")
    if source is not None and (source.is_public or (source.by_role and who)):
        until = time.monotonic() + SECONDS
        _granted["" if source.is_public else who, key] = Grant(source, ", ".join(parts), params, tuple(marks), until)
        while len(_granted) > MOST:
            _granted.popitem(last=False)
    return source


def forget(request: HttpRequest, key: str) -> None:
    for who in ("", session_of(request)):
        _granted.pop((who, key), None)
