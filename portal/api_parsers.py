"""Bodies the API reads: bounded before they are read, and never a fault of ours, whatever stands in them."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.utils import json as strict_json

MAX_JSON = 1024 * 1024
FORM_OVERHEAD = 64 * 1024


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("The body is too large.")


class JSONBody(JSONParser):
    """JSON of at most 1 MB; NaN, twice-named keys, nesting without end and text no database keeps are refused."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: dict | None = None) -> Any:
        body = stream.read(MAX_JSON + 1)
        if len(body) > MAX_JSON:
            raise BodyTooLarge
        try:
            data = json.loads(
                body.decode("utf-8"), parse_constant=strict_json.strict_constant, object_pairs_hook=_once_each
            )
            _check_texts(data)
            return data
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not proper JSON.")) from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def _check_texts(data: Any) -> None:
    """NUL and halves of surrogate pairs are legal JSON, but neither text nor jsonb columns take them."""
    if isinstance(data, str):
        if "\x00" in data:
            raise ValueError("NUL in a text")
        data.encode("utf-8")
    elif isinstance(data, dict):
        for key, value in data.items():
            _check_texts(key)
            _check_texts(value)
    elif isinstance(data, list):
        for value in data:
            _check_texts(value)


class UploadForm(MultiPartParser):
    """multipart/form-data with a file of at most UPLOAD_MAX_BYTES, refused by its length before it is read."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: dict | None = None) -> Any:
        length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        if length > settings.UPLOAD_MAX_BYTES + FORM_OVERHEAD:
            megabytes = settings.UPLOAD_MAX_BYTES // 1024**2
            raise BodyTooLarge(_("The file is larger than %(limit)d MB.") % {"limit": megabytes})
        try:
            return super().parse(stream, media_type, parser_context)
        except RequestDataTooBig as error:
            raise BodyTooLarge from error
        except SuspiciousOperation as error:
            raise ParseError(_("The form could not be read.")) from error
