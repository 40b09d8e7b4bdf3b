"""What stands below a comment on every page that shows it: parts of the portal that planning may not import register it here.

A part is a function that gives comments the attribute `below`, the name of a template, and whatever that template reads.
"""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser

from planning.asked_above import Asked
from planning.models import Comment, PlanVersion
from portal.models import User

_parts: Asked[Callable[[list[Comment], PlanVersion, User | AnonymousUser], None]] = Asked()
shown_by = _parts.register
"""registers a part"""


def attach(comments: list[Comment], version: PlanVersion, reader: User | AnonymousUser) -> None:
    """Ask every part once for all comments of a page."""
    for part in _parts:
        part(comments, version, reader)
