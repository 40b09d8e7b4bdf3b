"""The short form of a report for other pages: templates/planning/includes_staff/report_card.html."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from planning.models import PlanVersion
from planning.reports import content
from portal.errors import Conflict
from portal.models import Upload


def of_upload(upload: Upload) -> dict[str, Any]:
    """What the card of an upload needs; nothing while there is no verdict."""
    return _card(content.of_upload, upload, "upload-report")


def of_version(version: PlanVersion) -> dict[str, Any]:
    return _card(content.of_version, version, "version-report")


def _card(made: Callable[[Any], content.QualityReport], row: Any, name: str) -> dict[str, Any]:
    try:
        return {"report_card": made(row), "report_address": reverse(name, args=[row.pk])}
    except Conflict:
        return {}
