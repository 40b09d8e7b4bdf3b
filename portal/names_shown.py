"""Real names that a page or an answer shows to whoever may know them (后台实名): that they were shown is on the record of acts.

What shows a name says so with `note`; when the answer is ready one entry says of which object how many names were shown. Whoever
reads the same pages again leaves one entry an hour, so that the record can be read. Nobody else is asked or told anything.
"""

import datetime
from collections.abc import Callable
from contextvars import ContextVar

from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.audit import record
from portal.models import AuditEntry, User

VERB = "names.seen"
ONCE_IN = datetime.timedelta(hours=1)
Shown = dict[tuple[User, models.Model], set[str]]
_shown: ContextVar[Shown | None] = ContextVar("names_shown", default=None)


def note(reader: User, obj: models.Model, subject: str) -> None:
    """A real name was shown to the reader on `obj`, such as the version commented on; `subject` tells one name from another."""
    shown = _shown.get()
    if shown is not None:
        shown.setdefault((reader, obj), set()).add(subject)


class NamesShownMiddleware:
    """The innermost: an answer that cannot be put on record is not given."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        shown: Shown = {}
        token = _shown.set(shown)
        try:
            response = self.get_response(request)
        finally:
            _shown.reset(token)
        for (reader, obj), subjects in shown.items():
            put_on_record(reader, obj, len(subjects))
        return response


@transaction.atomic
def put_on_record(reader: User, obj: models.Model, names: int) -> None:
    """One entry, unless this person was shown names there less than an hour ago."""
    lately = AuditEntry.objects.filter(
        object_type=obj._meta.label, object_id=obj.pk, verb=VERB, actor=reader, at__gt=timezone.now() - ONCE_IN
    )
    if not lately.exists():
        record(VERB, obj, by=reader, after={"names": names})
