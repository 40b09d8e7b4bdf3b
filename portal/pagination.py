"""Lists are read in pages by the key of the last row: page 2,500 costs what page 1 costs, and nothing is counted."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from portal.api_shapes import StrictSerializer
from portal.geo import sql

DEFAULT_SIZE = 100
MAX_SIZE = 1000
MAX_NUMBER = 2**31 - 1
SEPARATOR = "~"


class PageQuery(StrictSerializer):
    """Parameters of every list that comes in pages."""

    cursor = serializers.CharField(
        required=False, max_length=200, help_text="Where the page begins; take it from `next`."
    )
    page_size = serializers.IntegerField(default=DEFAULT_SIZE, min_value=1, max_value=MAX_SIZE)


def next_url(request: Request, cursor: object | None) -> str | None:
    """Absolute address of the following page, with the filters of this one."""
    if cursor is None:
        return None
    query = request.GET.copy()
    query["cursor"] = str(cursor)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def wrong_cursor() -> serializers.ValidationError:
    return serializers.ValidationError({"cursor": [_("This is not a place in the list; take it from “next”.")]})


def number_after(query: dict[str, Any]) -> int:
    """The cursor of a list that is ordered by a number within its parent."""
    text = query.get("cursor", "0")
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_NUMBER):
        raise wrong_cursor()
    return int(text)


def feature_page(
    request: Request, name: str, query: dict[str, Any], *, told: dict[str, Any] | None = None, **params: Any
) -> HttpResponse:
    """A FeatureCollection whose features the database wrote: the text goes out as it came, never parsed here.

    The query `name` answers one row: features as JSON text, and the key of the last feature if more follow. `told` are
    further members of the collection (RFC 7946, 6.1).
    """
    features, last = sql.row(name, limit=query["page_size"], **params)
    ends = json.dumps({"next": next_url(request, last), **(told or {})}, ensure_ascii=False)
    return HttpResponse(
        f'{{"type":"FeatureCollection","features":{features},{ends[1:]}', content_type="application/geo+json"
    )


def keyset(request: Request, rows: QuerySet, keys: Sequence[str], query: dict[str, Any]) -> tuple[list, str | None]:
    """A page of rows ordered by `keys` (together unique; "-key" is descending) and the address of the next page."""
    if cursor := query.get("cursor"):
        try:
            rows = rows.filter(_after(rows.model, keys, cursor.split(SEPARATOR)))
        except ValueError:  # of a key that is computed
            raise wrong_cursor() from None
    size = query["page_size"]
    found = list(rows.order_by(*keys)[: size + 1])
    if len(found) <= size:
        return found, None
    return found[:size], next_url(request, SEPARATOR.join(_text(found[size - 1], key) for key in keys))


def _text(row: Model, key: str) -> str:
    value = getattr(row, key.lstrip("-"))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _after(model: type[Model], keys: Sequence[str], parts: list[str]) -> Q:
    """(a, b) > (x, y) written as a > x or (a = x and b > y)."""
    if len(parts) != len(keys):
        raise wrong_cursor()
    later, same = Q(), Q()
    for key, part in zip(keys, parts, strict=True):
        name = key.lstrip("-")
        value = _value(model, name, part)
        later |= same & Q(**{f"{name}__{'lt' if key != name else 'gt'}": value})
        same &= Q(**{name: value})
    return later


def _value(model: type[Model], key: str, part: str) -> Any:
    if "\x00" in part:
        raise wrong_cursor()
    try:
        return model._meta.get_field(key).to_python(part)
    except FieldDoesNotExist:  # the column of a foreign key (village_id), or what is computed
        return part
    except DjangoValidationError:
        raise wrong_cursor() from None
