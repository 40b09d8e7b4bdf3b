"""The report as a file: one table of forms for pages, API and command."""

from collections.abc import Callable

from django.http import HttpResponse

from planning.reports import pdf, xlsx
from planning.reports.content import QualityReport

FORMS: dict[str, tuple[str, Callable[[QualityReport], bytes]]] = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx.workbook),
    "pdf": ("application/pdf", pdf.document),
}


def response(report: QualityReport, form: str) -> HttpResponse:
    kind, made = FORMS[form]
    answer = HttpResponse(made(report), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="quality-{report.key}.{form}"'
    return answer
