"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    return {"DEMO": settings.DEMO, "other_language": "en" if request.LANGUAGE_CODE == "zh-hans" else "zh-hans"}
