"""The table part of the reading child: a CSV or a workbook into sheets of plain values."""

from pathlib import Path

from portal.geo import table_handover
from portal.geo.source import Limits, Options


def answer(folder: Path, task: dict, options: Options, limits: Limits, jail: list[str]) -> None:
    path = folder / f"input.{task['kind']}"
    if task["kind"] == "csv":
        from portal.geo import csvtable

        sheets = [csvtable.read(path, task["stem"], options, limits)]
    else:
        from portal.geo import excel

        sheets = excel.read(path, limits)
    table_handover.write_sheets(folder, sheets, limits, jail)
