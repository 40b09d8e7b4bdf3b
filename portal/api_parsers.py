"""Bodies the API reads: bounded before they are read, and never a fault of ours, whatever stands in them."""

import base64
import json
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.utils import json as strict_json

MAX_JSON = 1024 * 1024


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
    """multipart/form-data with a file; how large it may be was decided by its length before (portal/bodies.py)."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: dict | None = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RequestDataTooBig as error:
            raise BodyTooLarge from error
        except SuspiciousOperation as error:
            raise ParseError(_("The form could not be read.")) from error


def tus_length(request: HttpRequest, name: str) -> int:
    """A header that is a number of bytes."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ParseError(_("The header %(name)s must be a number of bytes.") % {"name": name})
    return int(text)


def tus_metadata(header: str) -> dict[str, str]:
    """Upload-Metadata of the tus protocol: “name base64,name base64”; a name alone is an empty value."""
    found = {}
    for pair in header.split(",") if header.strip() else []:
        name, _space, value = pair.strip().partition(" ")
        try:
            text = base64.b64decode(value, validate=True).decode("utf-8")
        except ValueError as error:
            raise ParseError(_("The header Upload-Metadata could not be read.")) from error
        if not name or name in found or "\x00" in text:
            raise ParseError(_("The header Upload-Metadata could not be read."))
        found[name] = text
    return found


def tus_checksum(header: str, known: tuple[str, ...]) -> tuple[str, bytes] | None:
    """Upload-Checksum of the tus protocol: “sha256 base64”."""
    if not header:
        return None
    name, _space, value = header.partition(" ")
    if name not in known:
        raise ParseError(_("This checksum is not known here; use one of: %(names)s.") % {"names": ", ".join(known)})
    try:
        return name, base64.b64decode(value, validate=True)
    except ValueError as error:
        raise ParseError(_("The header Upload-Checksum could not be read.")) from error
