"""Indicators, structure table, ledgers and change matrix of a run as a workbook (.xlsx), and two tables as CSV.

Figures are numbers in full precision with a format, so that a spreadsheet can go on computing; no text begins a formula.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from indicators import ledger_words, passports, runs
from indicators.comparison import medians
from indicators.models import Run
from indicators.structure_lines import structure_lines
from planning.models import PlanVersion
from portal.spreadsheets import guarded

HEAD = PatternFill("solid", fgColor="1C5D41")
BOLD = Font(bold=True)
TINTS = {
    "kept": PatternFill("solid", fgColor="E7F0E9"),
    "near": PatternFill("solid", fgColor="FDF2D9"),
    "missed": PatternFill("solid", fgColor="FBEBE9"),
}
MAX_TEXT = 32_000  # a cell holds 32,767 characters
AREA, FINE = "#,##0.0000", "#,##0.00"
M2_PER_HA = 10_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

Row = list[Any]


def workbook(run: Run) -> bytes:
    """Everything that was computed for a version: a sheet for each table, and one that says what they are of."""
    book = Workbook()
    about(book.active, run)
    rows = passports.of_run(run, medians(run.version.plan.village))
    indicators(book.create_sheet(_("Indicators")), rows)
    structure(book.create_sheet(_("Structure of land use")), run)
    ledgers(book.create_sheet(_("Ledgers")), run)
    matrices(book.create_sheet(_("Groups")), run)
    changes(book.create_sheet(_("What became what")), run)
    book.properties.creator = ""
    book.properties.title = clean(str(run.version))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def clean(value: Any) -> Any:
    """What a cell can hold, and nothing a spreadsheet would run."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return guarded(ILLEGAL_CHARACTERS_RE.sub("", str(value))[:MAX_TEXT])


def about(sheet: Worksheet, run: Run) -> None:
    version, village = run.version, run.version.plan.village
    sheet.title = _("About")
    rows = [
        (_("Plan"), version.plan.name), (_("Version"), version.number), (_("State"), version.get_state_display()),
        (_("Village"), f"{village.short_name} ({village.code})"), (_("Base year"), village.base_year),
        (_("Target year"), version.plan.target_year), *age(run), (_("Run"), run.pk),
        (_("Digest of everything it was computed from"), run.digest),
        (_("Source of the base data"), village.source), (_("Areas"), _("Areas are ellipsoidal (CGCS2000). 1 ha = 15 mu.")),
    ]  # fmt: skip
    for number, (name, value) in enumerate(rows, 1):
        sheet.cell(number, 1, clean(name)).font = BOLD
        sheet.cell(number, 2, clean(value)).alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 80


def age(run: Run) -> list[tuple[str, str]]:
    """When a run was computed, and whether its inputs changed since, each with its name."""
    return [
        (_("Computed at"), f"{timezone.localtime(run.computed_at):%Y-%m-%d %H:%M}"),
        (_("Out of date"), _("yes: compute it again") if runs.is_stale(run) else _("no")),
    ]


INDICATOR_WIDTHS = [7, 30, 12, 13, 13, 12, 10, 13, 13, 10, 14, 18, 10, 18, 10, 13, 13, 12, 40, 40, 40, 40]


def indicator_table(rows: list[passports.Passport]) -> tuple[Row, list[Row]]:
    """Head and rows of the table of indicators, for workbook and CSV alike."""
    head = [
        _("No."), _("Indicator"), _("Unit"), _("Base year"), _("Plan"), _("Increase or decrease"), _("Increase or decrease, %"), _("At least"), _("At most"),
        _("Result"), _("Binding or expected"), _("Numerator"), _("Unit of the numerator"), _("Denominator"),
        _("Unit of the denominator"), _("Township median"), _("County median"), _("Sample value"), _("Formula"),
        _("Source of the target"), _("Standard"), _("Note"),
    ]  # fmt: skip
    return head, [
        [
            row.code, row.figure.name, str(row.figure.unit), row.figure.base, row.figure.value, row.change, row.change_pct,
            bound_of(row, "at_least"), bound_of(row, "at_most"), str(row.light_text),
            _("binding") if row.figure.binding else _("expected"), row.value.numerator, str(row.numerator_unit),
            row.value.denominator, str(row.denominator_unit), row.township and row.township.value, row.county and row.county.value,
            _("yes") if row.sample else "", row.indicator.formula, row.rule_source, row.indicator.source, str(row.figure.note),
        ]
        for row in rows
    ]  # fmt: skip


def bound_of(row: passports.Passport, kind: str) -> float | None:
    return next((bound.value for bound in row.figure.bounds if bound.kind == kind), None)


def indicators(sheet: Worksheet, rows: list[passports.Passport]) -> None:
    head, body = indicator_table(rows)
    table(sheet, head, body, INDICATOR_WIDTHS, FINE)
    for number, row in enumerate(rows, 2):
        if row.light in TINTS:
            sheet.cell(number, 10).fill = TINTS[row.light]


def structure(sheet: Worksheet, run: Run) -> None:
    head = [
        _("Land use"), _("Base year, ha"), _("Base year, %"), _("Target year, ha"), _("Target year, %"), _("Change, ha"), _("Codes"),
    ]  # fmt: skip
    lines = structure_lines(run)
    body = [
        [
            "　" * line.depth + line.name, known(line.base_ha), known(line.base_pct), line.plan_ha, line.plan_pct,
            known(line.change_ha), " ".join(line.codes),
        ]
        for line in lines
    ]  # fmt: skip
    table(sheet, head, body, [40, 14, 12, 14, 12, 14, 30], FINE)
    for number, line in enumerate(lines, 2):
        if line.kind != "row":
            for cell in sheet[number]:
                cell.font = BOLD


def known(value: float | None) -> float | str:
    return _("not known") if value is None else value


def ledgers(sheet: Worksheet, run: Run) -> None:
    head = [_("Ledger"), _("Item"), _("Lost, ha"), _("Gained, ha"), _("Balance, ha"), _("In words")]
    with_base = runs.has_base(run)
    body: list[Row] = [] if with_base else [[_("Ledgers"), None, None, None, None, ledger_words.NO_BASE]]
    for ledger in ledger_words.balances(run):
        body += [
            [ledger.title, row["name"], row["lost_m2"] / M2_PER_HA, row["gained_m2"] / M2_PER_HA, row["balance_m2"] / M2_PER_HA, ""]
            for row in ledger.rows
        ]  # fmt: skip
        total = [ledger.total[name] / M2_PER_HA for name in ("lost_m2", "gained_m2", "balance_m2")]
        body.append([ledger.title, _("Total"), *total, ledger.sentence])
    if built := run.ledgers.get("construction"):
        name = _("Construction quota")
        if with_base:
            moved = [built[m2] / M2_PER_HA for m2 in ("reduction_m2", "increase_m2", "net_m2")]
            said = ledger_words.construction_sentence(built)
            body.append([name, _("Given back, newly built on, net"), *moved, said])
        flex = built["flex"]
        quota, allowed = (None if flex[m2] is None else flex[m2] / M2_PER_HA for m2 in ("quota_m2", "allowed_m2"))
        spare = None if quota is None or allowed is None else allowed - quota
        body.append(
            [name, _("Flexible quota, allowed, left"), quota, allowed, spare, ledger_words.flex_sentence(flex)]
        )  # fmt: skip
    table(sheet, head, body, [34, 34, 14, 14, 14, 90], AREA)


def matrices(sheet: Worksheet, run: Run) -> None:
    head = [_("Groups"), _("Base year"), _("Plan"), _("Area, ha")]
    body = [
        [matrix.title, row["name"], name["name"], cell / M2_PER_HA]
        for matrix in ledger_words.matrices(run)
        for row in matrix.rows
        for name, cell in zip(matrix.names, row["cells"], strict=True)
        if cell
    ]
    table(sheet, head, body, [40, 26, 26, 16], AREA)


def change_table(run: Run) -> tuple[Row, list[Row]]:
    """Head and rows of the change matrix by class as recorded, unchanged land too: its margins are the structure table."""
    head = [
        _("Base code"), _("Base year"), _("Plan code"), _("Plan"), _("Area, m²"), _("Area, ha"), _("Changed"),
    ]  # fmt: skip
    rows = [{"base": r.base_code, "plan": r.plan_code, "area_m2": r.area_m2} for r in run.changes.all()]
    names = {
        row["code"]: row["name"]
        for row in ledger_words.named({"code": c} for r in rows for c in (r["base"], r["plan"]))
    }
    return head, [
        [r["base"], names[r["base"]], r["plan"], names[r["plan"]], r["area_m2"], r["area_m2"] / M2_PER_HA, _("yes") if r["base"] != r["plan"] else ""]
        for r in rows
    ]  # fmt: skip


def changes(sheet: Worksheet, run: Run) -> None:
    head, body = change_table(run)
    table(sheet, head, body, [11, 26, 11, 26, 18, 14, 10], FINE)


def table(sheet: Worksheet, head: Row, rows: Iterable[Row], widths: list[int], form: str) -> None:
    sheet.append([clean(value) for value in head])
    for row in rows:
        sheet.append([clean(value) for value in row])
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD
    for line in sheet.iter_rows():
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell.value, float):
                cell.number_format = form
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def as_csv(run: Run, head: Row, rows: list[Row]) -> bytes:
    """UTF-8 with the mark by which spreadsheet programs know it; each line says how old it is, for a CSV has no other sheet."""
    names, told = zip(*age(run), strict=True)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([clean(value) for value in (*head, *names)])
    writer.writerows([[clean(value) for value in (*row, *told)] for row in rows])
    return b"\xef\xbb\xbf" + written.getvalue().encode("utf-8")


def indicators_csv(run: Run) -> bytes:
    return as_csv(run, *indicator_table(passports.of_run(run, medians(run.version.plan.village))))


def changes_csv(run: Run) -> bytes:
    return as_csv(run, *change_table(run))


FILES = {
    "indicators.xlsx": (XLSX, workbook),
    "indicators.csv": (CSV, indicators_csv),
    "changes.csv": (CSV, changes_csv),
}
"""Files of a version by name: content type and maker. Pages and interface answer with the same bytes."""


def response(version: PlanVersion, name: str) -> HttpResponse:
    """The file of a version's newest run; there is none before the first."""
    run = runs.newest(version)
    if run is None or name not in FILES:
        raise Http404
    kind, made = FILES[name]
    answer = HttpResponse(made(run), content_type=kind)
    filename = f"{version.division_code}-v{version.number}-{name}"
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer
