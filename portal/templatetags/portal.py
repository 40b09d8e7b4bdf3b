"""Tags and filters of the templates: areas, money, dates, state badges, icons."""

import datetime
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.comment_strings import comment_strings
from portal.drawing_strings import drawing_strings
from portal.map_strings import map_strings

register = template.Library()

M2_PER_HA = 10_000
M2_PER_MU = 2000 / 3  # 1 亩 = 2000/3 m², so 1 公顷 = 15 亩
DRAWN = "演示数据"


@register.filter
def number(value: float | None, places: int = 2) -> str:
    """A figure grouped by thousands in both languages (Django groups Chinese by four, which no table does); a dash for unknown."""
    if value is None:
        return "–"
    return f"{round(float(value), places) + 0.0:,.{places}f}"


@register.filter
def signed(value: float | None, places: int = 2) -> str:
    """A change: with a plus where it grows, and none where it rounds to nothing."""
    text = number(value, places)
    return f"+{text}" if value is not None and round(float(value), places) > 0 else text


@register.filter
def ha(m2: float | None) -> str:
    """Hectares (公顷) of an area in m²."""
    return number(None if m2 is None else m2 / M2_PER_HA)


@register.filter
def mu(m2: float | None) -> str:
    """亩 of an area in m²: what farmers count in."""
    return number(None if m2 is None else m2 / M2_PER_MU, 1)


@register.filter
def area(m2: float | None) -> str:
    """An area in m² as people read it: hectares with 亩, small pieces in m² with 亩."""
    if m2 is None:
        return "–"
    if abs(m2) < M2_PER_HA / 10:
        return _("%(m2)s m² (%(mu)s mu)") % {"m2": number(m2, 0), "mu": number(m2 / M2_PER_MU, 2)}
    return _("%(ha)s ha (%(mu)s mu)") % {"ha": ha(m2), "mu": mu(m2)}


@register.filter
def fine_area(m2: float | None) -> str:
    """A change of area as it is measured: square metres to two decimals, with 亩."""
    if m2 is None:
        return "–"
    return _("%(m2)s m² (%(mu)s mu)") % {"m2": number(m2, 2), "mu": number(m2 / M2_PER_MU, 4)}


@register.filter
def money(wan: float | None) -> str:
    """An amount stored in 万元."""
    if wan is None:
        return "–"
    if get_language() == "en":
        return _("%(amount)s yuan") % {"amount": number(float(wan) * 10_000, 0)}
    return _("%(amount)s × 10,000 yuan") % {"amount": number(wan, 2 if float(wan) % 1 else 0)}


@register.filter
def day(value: datetime.date | datetime.datetime | None) -> str:
    """A date in words of the language, in Asia/Shanghai."""
    if value is None:
        return "–"
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value)
    return date_format(value, "Y年n月j日" if get_language() != "en" else "j F Y")


@register.filter
def days_from_today(value: datetime.date) -> int:
    """Days until a date in Asia/Shanghai: 0 today, negative when it is past."""
    return (value - timezone.localdate()).days


@register.filter
def plain(value: float | None) -> str:
    """A counted figure: whole where it is whole."""
    return number(value, 0 if value is None or float(value).is_integer() else 2)


@register.filter
def is_drawn(source: str | None) -> bool:
    """True if a source says of itself that it was drawn for demonstration."""
    return bool(source) and DRAWN in source


@register.inclusion_tag("includes/state_badge.html")
def state_badge(version: Any) -> dict[str, str]:
    """The state of a plan version in words, with its colour."""
    return {"state": version.state, "text": version.get_state_display()}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing beside words (static/css/icons.css); it says nothing by itself."""
    return format_html('<span class="icon icon-{}" aria-hidden="true"></span>', name)


@register.simple_tag
def swatch(colour: str) -> SafeString:
    """A square of a land-use colour. An SVG attribute, because the content policy allows no inline style."""
    return format_html(
        '<svg class="swatch" viewBox="0 0 10 10" aria-hidden="true" focusable="false"><rect width="10" height="10" fill="{}"/></svg>',
        colour,
    )


@register.simple_tag(takes_context=True)
def query_with(context: dict[str, Any], **changes: Any) -> str:
    """The query string of this page with some values replaced (None removes one)."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query[key] = value
    return query.urlencode()


@register.filter
def page_numbers(paginator: Paginator, current: int) -> list[int]:
    """Page numbers to show; 0 stands for a gap."""
    return [n if isinstance(n, int) else 0 for n in paginator.get_elided_page_range(current, on_each_side=1, on_ends=1)]


@register.simple_tag
def drawing_words() -> dict[str, str]:
    """What the scripts of the drawing board say, in the language of the page."""
    return drawing_strings()


@register.simple_tag
def comment_words() -> dict[str, str]:
    """What the form of a comment says, in the language of the page."""
    return comment_strings()


@register.simple_tag
def map_words() -> dict[str, str]:
    """What the layers and tools of a map say, in the language of the page."""
    return map_strings()
