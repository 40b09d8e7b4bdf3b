"""Markup in every text that people write stays text on every page that shows it (XS-1, XS-6, XS-7)."""

import json
import logging
import re

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction

from planning import participation
from portal.models import User
from portal.sealing import SealedField
from tests.portal.every_address import every_address, fill

pytestmark = pytest.mark.django_db
PAYLOADS = [
    "<script>window.xss=1</script>", "<img src=x onerror=xss()>", "\"><svg onload=xss()>", "'-xss()-'", "</script><script>xss()</script>",
    "<a href=javascript:xss()>x</a>", "<i>{{7*7}}</i>", "{% load x %}", "<!--", "]]><b>", "&lt;script&gt;xss()&lt;/script&gt;",
]  # fmt: skip
RAW = re.compile(r"<script>(?:window\.)?xss|<img src=x|<svg onload|<a href=javascript|]]><b>|<i>", re.I)


def write_everywhere() -> int:
    """Markup into every free text column of every table of ours; how many columns took it."""
    written = 0
    for model in apps.get_models():
        if model._meta.app_label not in ("portal", "villages", "planning", "indicators") or not model._meta.managed:
            continue
        for field in model._meta.concrete_fields:
            if is_free_text(field):
                try:
                    with transaction.atomic():
                        model._base_manager.update(**{field.name: markup_of(field.max_length or 1000)})
                    written += 1
                except DatabaseError:
                    pass  # kept by the database: a frozen table, a checked form
    return written


def markup_of(length: int) -> str:
    """As many payloads as fit."""
    text = ""
    for payload in PAYLOADS:
        text += payload if len(text) + len(payload) <= length else ""
    return text


def is_free_text(field: models.Field) -> bool:
    kept = {"username", "password", "state", "code", "kind", "digest", "seal", "hash", "id", "division_code", "role"}
    if not isinstance(field, models.CharField | models.TextField) or isinstance(field, SealedField) or field.choices:
        return False
    if field.primary_key or field.unique or field.name in kept or "digest" in field.name:
        return False
    return field.max_length is None or field.max_length >= 30


def test_markup_stays_text_on_every_page(cast, public_version, as_user):
    participation.post_comment(public_version, by=cast.villager, text="路太窄", zone=8)
    User.objects.update(full_name=PAYLOADS[1])
    assert write_everywhere() >= 8
    clients, seen = [as_user(name) for name in (None, "reviewer", "committee")], 0
    for address in every_address():
        url = fill(address, public_version)
        for client in clients:
            answer = client.get(url)
            kind = answer.headers.get("Content-Type", "")
            if answer.streaming or not kind.startswith(("text/html", "application/xml", "image/svg")):
                assert "html" not in kind
                continue
            html = answer.content.decode()
            assert not RAW.search(html), (url, RAW.search(html))
            assert "<i>49</i>" not in html, url
            seen += "xss" in html
    assert seen > 5


def test_a_name_cannot_forge_a_line_of_the_log(client, cast, caplog):
    with caplog.at_level(logging.DEBUG):
        client.post("/login/", {"username": 'a\n{"fake":1}\x1b[31m', "password": "x"})
        client.get("/nothing\n{'fake':1}/")
    handler = logging.getLogger().handlers[0] if logging.getLogger().handlers else logging.StreamHandler()
    assert caplog.records
    for record in caplog.records:
        assert "\n{" not in (handler.format(record) if handler.formatter else record.getMessage())


def test_json_of_the_api_is_never_taken_for_a_page(cast, public_version, client):
    participation.post_comment(public_version, by=cast.villager, text="<script>xss()</script>", zone=8)
    address = f"/api/v1/versions/{public_version.pk}/comments/"
    answer = client.get(address)
    assert answer.headers["Content-Type"].startswith("application/")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script>xss()" in json.dumps(answer.json(), ensure_ascii=False)
    assert client.get(address, headers={"Accept": "text/html"}).headers["Content-Type"].startswith("application/json")
