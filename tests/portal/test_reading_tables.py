"""Nasty and odd tables: rows 100 to 102 of the threat list and what else a spreadsheet can hide. Each has its answer."""

import datetime
import re
import time
import zipfile

import openpyxl
import pytest

from portal.geo import tables

PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
    "</Types>",
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>5</v></c></row></sheetData></worksheet>',
    "xl/sharedStrings.xml": '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="1"><si><t>name</t></si></sst>',
}  # fmt: skip
XML = '<?xml version="1.0" encoding="UTF-8"?>'


def workbook(folder, name="t.xlsx", **changed: str | bytes):
    """A workbook of plain parts; keys are parts with . and / as __ and ___."""
    parts = {key: XML + text for key, text in PARTS.items()}
    parts |= {key.replace("___", "/").replace("__", "."): text for key, text in changed.items()}
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for part, text in parts.items():
            made.writestr(part, text)
    return path


def saved(folder, fill, name="t.xlsx"):
    book = openpyxl.Workbook()
    fill(book)
    book.save(folder / name)
    return folder / name


def written(folder, content: bytes, name="t.csv"):
    (folder / name).write_bytes(content)
    return folder / name


def refused(path, name=None) -> tuple[str, dict]:
    with pytest.raises(tables.Refused) as caught:
        tables.read(path, name=name or path.name)
    issue = caught.value.issues[0]
    return issue.code, issue.params


def test_a_plain_workbook_is_read(tmp_path):
    (sheet,) = tables.read(workbook(tmp_path), name="t.xlsx")
    assert (sheet.name, sheet.header, sheet.rows, sheet.numbers) == ("S", ["name"], [[5]], [2])


def test_100_formulas_of_a_csv_are_text_and_nothing_else(tmp_path):
    cells = ["=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-2+3"]
    path = written(tmp_path, ("name\n" + "\n".join(f'"{c}"' for c in cells) + '\n"\t=1"\n').encode())
    (sheet,) = tables.read(path, name="100_csv_formula.csv")
    assert [row[0] for row in sheet.rows] == [*cells, "=1"]


@pytest.mark.parametrize(
    ("text", "code", "reason", "row"),
    [
        ("a,b,c\n1,2,3\n1,2\n", "F1", "csv_ragged", 3),
        ("a,b,c\n1,2,3\n1,2,3,4\n", "F1", "csv_ragged", 3),
        ('a,b\n1,"open\n2,3\n', "F1", "csv_quote", 2),
        ('a,b\n1,2\n1,"a"b\n', "F1", "csv_quote", 3),
        ("a,b\n1,\0\n", "F1", "csv_nul", 2),
    ],
)
def test_101_ragged_rows_open_quotes_and_nul_name_their_row(tmp_path, text, code, reason, row):
    found, params = refused(written(tmp_path, text.encode()))
    assert (found, params["reason"], params["row"]) == (code, reason, row)


def test_102_a_bomb_of_shared_strings_is_refused_at_once(tmp_path):
    bomb = (
        XML
        + '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + "A" * 100_000_000
        + "</t></si></sst>"
    )
    path = workbook(tmp_path, xl___sharedStrings__xml=bomb)
    assert path.stat().st_size < 200_000
    started = time.monotonic()
    assert refused(path)[1]["reason"] == "zip_ratio"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("changed", "code", "reason"),
    [
        ({"xl___sharedStrings__xml": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + PARTS["xl/sharedStrings.xml"]}, "F4", "xlsx_dtd"),
        ({"xl___sharedStrings__xml": (XML + PARTS["xl/sharedStrings.xml"]).replace("UTF-8", "UTF-16").encode("utf-16")}, "F4", "xlsx_dtd"),
        ({"xl___sharedStrings__xml": '<?xml version="1.0" encoding="cp037"?>' + PARTS["xl/sharedStrings.xml"]}, "F4", "xlsx_dtd"),
        ({"xl___vbaProject__bin": b"\xd0\xcf\x11\xe0"}, "F4", "xlsx_macro"),
        ({"[Content_Types]__xml": PARTS["[Content_Types].xml"].replace("spreadsheetml.sheet.main", "x").replace("openxmlformats-officedocument.x", "ms-excel.sheet.macroEnabled.main")}, "F4", "xlsx_macro"),
        ({"xl___externalLinks___externalLink1__xml": "<a/>"}, "F4", "xlsx_external"),
        ({"xl___worksheets____rels___sheet1__xml__rels": PARTS["_rels/.rels"].replace("Target=", 'TargetMode="External" Target=')}, "F4", "xlsx_external"),
        ({"[Content_Types]__xml": "<Types/>"}, "F1", "xlsx_unreadable"),
        ({"xl___workbook__xml": "<workbook"}, "F1", "xlsx_unreadable"),
        ({"xl___media___a__zip": b"PK\x03\x04"}, "F2", "zip_nested"),
        ({"xl___worksheets___sheet1__xml": PARTS["xl/worksheets/sheet1.xml"].replace("<v>5</v>", "<f>1+1</f><v></v>")}, "F1", "xlsx_formulas"),
        ({"xl___worksheets___sheet1__xml": PARTS["xl/worksheets/sheet1.xml"].replace("A2", "XFD2")}, "F3", "sheet_too_wide"),
        ({"xl___worksheets___sheet1__xml": PARTS["xl/worksheets/sheet1.xml"].replace('r="2"', 'r="2147483647"').replace("A2", "A2147483647")}, "F3", "sheet_too_long"),
    ],
)  # fmt: skip
def test_what_no_plain_workbook_holds_is_refused(tmp_path, changed, code, reason):
    found, params = refused(workbook(tmp_path, **changed))
    assert (found, params["reason"]) == (code, reason)


def test_a_link_to_click_on_is_text(tmp_path):
    link = (
        PARTS["_rels/.rels"]
        .replace("Target=", 'TargetMode="External" Target=')
        .replace('officeDocument"', 'hyperlink"')
    )
    assert "relationships/hyperlink" in link
    (sheet,) = tables.read(workbook(tmp_path, xl___worksheets____rels___sheet1__xml__rels=link), name="t.xlsx")
    assert sheet.rows == [[5]]


def test_a_formula_counts_by_its_stored_result(tmp_path):
    cells = PARTS["xl/worksheets/sheet1.xml"].replace("<v>5</v>", "<f>2+3</f><v>5</v>")
    cells = cells.replace("</row></sheetData>", '<c r="B2" t="str"><f>""</f><v></v></c></row></sheetData>')
    (sheet,) = tables.read(workbook(tmp_path, xl___worksheets___sheet1__xml=cells), name="t.xlsx")
    assert sheet.rows == [[5]]


def test_a_million_empty_rows_and_a_lying_size_are_no_trouble(tmp_path):
    rows = "".join(f'<row r="{n}"/>' for n in range(3, 1_048_577))
    cells = PARTS["xl/worksheets/sheet1.xml"].replace("</sheetData>", rows + "</sheetData>")
    cells = cells.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    started = time.monotonic()
    (sheet,) = tables.read(workbook(tmp_path, xl___worksheets___sheet1__xml=cells), name="t.xlsx")
    assert sheet.rows == [[5]]
    assert time.monotonic() - started < 30


def test_hidden_sheets_are_left_out_and_merged_cells_are_told(tmp_path):
    def fill(book):
        book.active.append(["name"])
        book.active.append(["x"])
        book.active.merge_cells("A2:A4")
        book.create_sheet("secret").append(["name"])
        book["secret"].sheet_state = "hidden"

    (sheet,) = tables.read(saved(tmp_path, fill), name="t.xlsx")
    assert sheet.notes == [{"reason": "sheet_hidden", "sheet": "secret"}, {"reason": "merged", "cells": "A2:A4"}]


def test_dates_are_iso_text_and_whole_numbers_whole(tmp_path):
    def fill(book):
        book.active.append(["a", "b", "c", "d"])
        book.active.append([datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2, 3, 4), 2.0, "０１"])

    (sheet,) = tables.read(saved(tmp_path, fill), name="t.xlsx")
    assert sheet.rows == [["2020-01-02", "2020-01-02 03:04:00", 2, "０１"]]


@pytest.mark.parametrize(
    ("content", "name", "code", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "F1", "xls_old"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xlsx", "F1", "xlsx_password"),
        (b"PK\x03\x04", "a.xlsm", "F4", "xlsx_macro"),
        (b"a,b\n", "a.xlsx", "F4", "table_not"),
        (b"PK\x03\x04abc", "a.csv", "F4", "table_not"),
        (b"PK\x03\x04abc", "a.xlsx", "F2", "zip_unreadable"),
        (b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "05_vrt_as_csv.csv", "F4", "table_not"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a.csv", "F4", "table_not"),
        (b"", "a.csv", "F1", "file_empty"),
        (b"\n\n ,, \n", "a.csv", "F1", "sheets_hidden"),
        (b"a,b\n", "a.txt", "F1", "table_type"),
        (b"a\n\xff\xff\xff\n", "a.csv", "F1", "csv_no_encoding"),
        (b"a\n" + b"x" * 2001 + b"\n", "a.csv", "F3", "cell_too_long"),
        (b"a" + b"," * 200 + b"b\n", "a.csv", "F3", "sheet_too_wide"),
    ],
)
def test_files_that_are_no_tables_are_refused_with_the_reason(tmp_path, content, name, code, reason):
    found, params = refused(written(tmp_path, content, name))
    assert (found, params["reason"]) == (code, reason)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_the_encoding_is_recognised(tmp_path, encoding):
    text = (
        "村代碼,名稱\n370983101204,肥城市柳溝村\n" if encoding == "big5" else "村代码,名称\n370983101204,肥城市柳沟村\n"
    )
    (sheet,) = tables.read(written(tmp_path, text.encode(encoding)), name="t.csv")
    assert [sheet.header, *sheet.rows] == [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_recognised(tmp_path, delimiter):
    text = f'"a,;x"{delimiter}b\n1{delimiter}"2\n3"\n\n4{delimiter}5\n'
    (sheet,) = tables.read(written(tmp_path, text.encode()), name="t.csv")
    assert (sheet.header, sheet.rows, sheet.numbers) == (["a,;x", "b"], [["1", "2 3"], ["4", "5"]], [2, 4])


def test_control_characters_and_direction_marks_are_left_out(tmp_path):
    (sheet,) = tables.read(written(tmp_path, "na\u202eme\nx\x07y\u200e\n".encode()), name="t.csv")
    assert (sheet.header, sheet.rows) == (["name"], [["xy"]])


def test_columns_are_lettered_as_a_spreadsheet_does():
    assert [tables.column_letters(n) for n in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_the_answer_of_a_taken_over_child_is_not_believed(tmp_path):
    from portal.geo import table_handover

    good = '[1,"a"]\n[2,5]\n'
    answer = '{"sheets":[{"name":"S","encoding":"utf-8","notes":[],"count":%d}]}'
    for rows, count in (
        (good, 3),
        ('[2,"a"]\n[1,5]\n', 2),
        ('[1,"a"]\n[2,{"x":1}]\n', 2),
        ('["1","a"]\n', 1),
        ("[]\n", 1),
    ):
        (tmp_path / "rows.ndjson").write_text(rows)
        (tmp_path / "answer.json").write_text(answer % count)
        with pytest.raises(tables.Refused, match="crashed"):
            list(table_handover.receive(tmp_path, tables.LIMITS))
    (tmp_path / "rows.ndjson").write_text(good)
    (tmp_path / "answer.json").write_text(answer % 2)
    assert [sheet["rows"] for sheet in table_handover.receive(tmp_path, tables.LIMITS)] == [[[5]]]


def test_every_reason_has_a_sentence_that_its_params_fill():
    from portal.geo.table_reasons import TABLE

    known = {"extension", "limit", "row", "layer", "column", "count", "wanted", "encoding", "member"}
    for _code, sentence in TABLE.values():
        assert set(re.findall(r"{(\w+)}", sentence)) <= known
