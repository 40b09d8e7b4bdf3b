"""How much may be sent where: files to addresses that take files, and little to all others."""

import inspect

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from portal.api_parsers import UploadForm
from portal.bodies import OTHERS
from tests import world

pytestmark = pytest.mark.django_db


def views(patterns: list[URLPattern | URLResolver]) -> list:
    found = []
    for pattern in patterns:
        found += views(pattern.url_patterns) if isinstance(pattern, URLResolver) else [pattern.callback]
    return found


def reads_files(view) -> bool:
    if UploadForm in getattr(getattr(view, "cls", None), "parser_classes", ()):
        return True
    inner = inspect.unwrap(view)
    ours = inner.__module__.partition(".")[0] in ("portal", "planning", "villages", "indicators")
    return ours and inspect.isfunction(inner) and "request.FILES" in inspect.getsource(inner)


def test_every_view_that_reads_files_takes_them():
    reading = [view for view in views(get_resolver().url_patterns) if reads_files(view)]
    assert len(reading) > 15
    assert not [f"{view.__module__}.{view.__name__}" for view in reading if not getattr(view, "takes_files", False)]


def test_a_table_of_many_rows_is_taken_by_page_and_api(village, as_user):
    def table() -> SimpleUploadedFile:
        return SimpleUploadedFile("大表.csv", b"x," * OTHERS, "text/csv")

    client, about = as_user("planner"), {"kind": "facts", "division": world.LIUGOU}
    page = client.post("/tables/", {**about, "file": table()})
    assert page.status_code == 302, page.status_code
    assert client.post("/api/v1/tables/", {**about, "file": table()}).status_code == 202


def test_what_is_too_much_elsewhere_is_refused_with_the_limit(client, village):
    client.cookies["django_language"] = "en"
    answer = client.post("/login/", {"username": "a" * (OTHERS + 1)})
    assert answer.status_code == 413
    assert "More than 3 MB" in answer.content.decode()
