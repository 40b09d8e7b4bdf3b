"""The quality report (质检报告) as people get it: on a page, as a workbook, as a PDF, as JSON."""
