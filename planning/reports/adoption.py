"""The list of what was adopted (采纳情况表) of a version: every opinion, what became of it and why; as rows and as a workbook."""

import io
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from planning import reviews
from planning.models import Opinion, PlanVersion, ReviewRequest
from portal.models import User
from portal.rules import STAFF, has_role
from portal.spreadsheets import guarded

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = PatternFill("solid", fgColor="1C5D41")
WIDTHS = [7, 24, 16, 22, 60, 8, 18, 16, 60, 16]
MAX_TEXT = 32_000  # a cell holds 32,767 characters


@dataclass(frozen=True)
class Line:
    """One opinion as the list says it; a request that was completed without one stands as no objection."""

    number: int
    who: str
    view: str
    about: str
    text: str
    score: int | None
    at: datetime
    late: bool
    outcome: str
    reason: str
    by: str
    opinion: Opinion | None


def rows(version: PlanVersion, user: User) -> list[Line]:
    """The list as far as the person may read it, in the order the opinions came in."""
    opinions = reviews.opinions_visible_to(user).filter(version=version)
    found = [of_opinion(opinion, version, user) for opinion in opinions]
    silent = reviews.visible_to(user).filter(version=version, cancelled_at=None, opinions=None).exclude(done_at=None)
    found += [of_silence(request, version, user) for request in silent]
    found.sort(key=lambda line: line.at)
    return [Line(**{**line.__dict__, "number": number}) for number, line in enumerate(found, 1)]


def of_opinion(opinion: Opinion, version: PlanVersion, user: User) -> Line:
    answer = getattr(opinion, "answer", None)
    return Line(
        0, asked_name(opinion.request, version, user), opinion.get_stance_display(), about(opinion), opinion.text, opinion.score,
        opinion.at, reviews.is_late(opinion), answer.get_outcome_display() if answer else _("Not answered yet"),
        answer.reason if answer else "", name_of(answer.by, version, user) if answer else "", opinion,
    )  # fmt: skip


def of_silence(request: ReviewRequest, version: PlanVersion, user: User) -> Line:
    return Line(0, asked_name(request, version, user), _("No objection"), _("The plan as a whole"), "", None, request.done_at,
                reviews.is_late(request), "–", "", "", None)  # fmt: skip


def about(opinion: Opinion) -> str:
    """What an opinion is pinned to."""
    if opinion.zone:
        return _("Zone %(number)s") % {"number": opinion.zone.number}
    return opinion.clause or _("The plan as a whole")


def asked_name(request: ReviewRequest, version: PlanVersion, user: User) -> str:
    """Departments by name; experts by name for staff of the division, masked for each other."""
    return name_of(request.expert, version, user) if request.expert else request.get_department_display()


def name_of(person: User, version: PlanVersion, user: User) -> str:
    return str(person) if has_role(user, STAFF, version.division_code) or person == user else person.masked_name


def workbook(version: PlanVersion, user: User) -> bytes:
    """No text of it begins a formula."""
    book = Workbook()
    sheet = book.active
    sheet.title = _("Adoption of opinions")
    head = [_("No."), _("From"), _("View"), _("About"), _("Opinion"), _("Score"), _("Given at"), _("What became of it"), _("Reason"), _("Answered by")]  # fmt: skip
    sheet.append(head)
    for line in rows(version, user):
        at = timezone.localtime(line.at).replace(tzinfo=None)
        when = f"{at:%Y-%m-%d %H:%M}" + (f" {_('late')}" if line.late else "")
        cells = [
            line.number,
            line.who,
            line.view,
            line.about,
            line.text,
            line.score,
            when,
            line.outcome,
            line.reason,
            line.by,
        ]
        sheet.append([clean(cell) for cell in cells])
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    book.properties.creator, book.properties.title = "", str(version)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def clean(value: object) -> object:
    """What a cell can hold, and nothing a spreadsheet would run."""
    return guarded(ILLEGAL_CHARACTERS_RE.sub("", value)[:MAX_TEXT]) if isinstance(value, str) else value


def response(version: PlanVersion, user: User) -> HttpResponse:
    """The workbook as a file; pages and API answer with the same bytes."""
    answer = HttpResponse(workbook(version, user), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="opinions-{version.division_code}-v{version.number}.xlsx"'
    answer["Cache-Control"] = "private, no-store"
    return answer
