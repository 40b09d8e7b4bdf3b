"""Deadlines as a calendar file (RFC 5545), for the calendar on a telephone or in an office."""

from datetime import UTC, date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from planning import deadlines, late, news
from planning.models import Deadline, Notice, ReviewRequest, State
from planning.waiting import within
from portal import workdays
from portal.models import User
from portal.models.accounts import division_prefix
from portal.rules import STAFF, prefixes

OCTETS = 75
"""a line is folded after so many octets (RFC 5545, 3.1)"""
PATH = "version__plan__village__division__code"


def of_person(user: User, site: str) -> str:
    """Deadlines of the divisions a person works for, and of the opinions asked of them."""
    codes = prefixes(user, STAFF)
    rows = Deadline.objects.filter(within(codes, PATH)) | Deadline.objects.filter(
        request__in=ReviewRequest.objects.requested_from(user)
    )
    return written(rows, codes, _("Deadlines of village plans"), site)


def of_division(division_code: str, name: str, site: str) -> str:
    """Deadlines of all plans of a division."""
    codes = [division_prefix(division_code)]
    title = _("Deadlines of village plans: %(name)s") % {"name": name}
    return written(Deadline.objects.filter(within(codes, PATH)), codes, title, site)


def written(rows: QuerySet[Deadline], codes: list[str], title: str, site: str) -> str:
    near = "version__plan__village__division__parent"
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Village Planning Portal//deadlines//ZH", "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(title)}", "X-WR-TIMEZONE:Asia/Shanghai",
    ]  # fmt: skip
    now = timezone.now()
    for row in (
        rows.filter(met_at=None)
        .distinct()
        .select_related(near, "request__expert")
        .defer(*late.shapes("version__plan__village"))
    ):
        lines += event(
            f"deadline-{row.version_id}-{row.request_id or row.kind}", str(deadlines.label(row)), row, site, now
        )
    running = Notice.objects.filter(within(codes, PATH), version__state=State.NOTICE).select_related(near)
    for notice in running.defer(*late.shapes("version__plan__village")):
        notice.due_on = notice.closes_on
        lines += event(f"notice-{notice.version_id}", _("Last day of the public notice"), notice, site, now)
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def event(uid: str, what: str, row: Deadline | Notice, site: str, now: datetime) -> list[str]:
    """An event of a whole day, which disturbs no appointments."""
    due_on: date = row.due_on
    return [
        "BEGIN:VEVENT", f"UID:{uid}@{site.split('//')[-1].split(':')[0]}", f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{due_on:%Y%m%d}", f"DTEND;VALUE=DATE:{due_on + workdays.ONE_DAY:%Y%m%d}",
        f"SUMMARY:{escaped(f'{what}: {news.name_of(row.version)}')}", f"URL:{site}{news.page_of(row.version)}", "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]  # fmt: skip


def escaped(text: str) -> str:
    """TEXT of RFC 5545, 3.3.11: backslash, semicolon, comma and line breaks."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def folded(line: str) -> str:
    """Lines of at most 75 octets, never cut inside a character."""
    parts, part = [], ""
    for character in line:
        limit = OCTETS if not parts else OCTETS - 1
        if len((part + character).encode()) > limit:
            parts.append(part)
            part = ""
        part += character
    return "\r\n ".join([*parts, part])
