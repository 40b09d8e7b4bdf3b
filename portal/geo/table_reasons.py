"""Every reason a table file (Excel, CSV) can be refused or remarked on; joined to those of other files by reasons.py."""


def _(text: str) -> str:
    """Mark a sentence for makemessages: the reading child imports this module and must not load Django for gettext."""
    return text


# reason: (rule code, sentence)
TABLE: dict[str, tuple[str, str]] = {
    "table_type": ("F1", _("Files of type “{extension}” are not tables. Upload an Excel file (.xlsx) or a .csv.")),
    "table_not": ("F4", _("The name says “{extension}”, but the content is no table of that type.")),
    "xls_old": ("F1", _("This is the old Excel format. Open it and save it as “Excel Workbook (.xlsx)”.")),
    "xlsx_password": ("F1", _("The workbook is protected by a password or of the old format. Save it without one.")),
    "xlsx_macro": ("F4", _("The workbook holds macros. Save it as “Excel Workbook (.xlsx)” without macros.")),
    "xlsx_external": ("F4", _("The workbook takes values from other files (“{member}”). Paste them as values.")),
    "xlsx_dtd": ("F4", _("“{member}” of the workbook holds a document type, which no spreadsheet program writes.")),
    "xlsx_unreadable": (
        "F1",
        _("The workbook is damaged or not a plain .xlsx. Open it and save it again as “Excel Workbook (.xlsx)”."),
    ),
    "xlsx_formulas": (
        "F1",
        _("Sheet “{layer}” has {count} formulas without a result. Open the file in a spreadsheet program and save it."),
    ),
    "sheets_hidden": ("F1", _("All sheets of the workbook are hidden or empty.")),
    "sheet_too_wide": ("F3", _("Row {row} of sheet “{layer}” has more than {limit} columns.")),
    "sheet_too_long": ("F3", _("Sheet “{layer}” has more than {limit} rows.")),
    "csv_nul": ("F1", _("Line {row} of the file holds a NUL byte: it is damaged or not text.")),
    "csv_quote": (
        "F1",
        _("The text that begins with a quote in row {row} never ends, or a quote stands in its middle."),
    ),
    "csv_ragged": ("F1", _("Row {row} has {count} values, but the first row has {wanted}.")),
    "csv_encoding": ("F1", _("The text of line {row} is not valid {encoding}. Choose another encoding.")),
    "csv_no_encoding": ("F1", _("The text of line {row} is in no encoding that was tried: {encoding}.")),
    "cell_too_long": ("F3", _("The text in row {row}, column {column} is longer than {limit} characters.")),
    "cell_number": ("F1", _("The number in row {row}, column {column} is too large.")),
}

NOTES = {
    "sheet_hidden": _("The hidden sheet “{sheet}” was not read."),
    "merged": _("Cells {cells} are merged."),
    "delimiter": _("The values are separated by {delimiter}."),
}
