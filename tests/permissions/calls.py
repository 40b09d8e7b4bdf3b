"""One call of one person: what it answers, in one word, and nothing of it stays."""

import json
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from portal.models import AuditEntry
from tests.permissions import bodies
from tests.permissions.addresses import Address

SAFE = ("GET", "HEAD", "OPTIONS")


def call(scene: SimpleNamespace, address: Address, method: str, of: str, path: str, who: str) -> str:
    """The class of the answer: `ok`, `done` (and on the record), `login`, `away` (sent elsewhere) or the status."""
    with transaction.atomic():
        before = AuditEntry.objects.count() if method not in SAFE else 0
        client = scene.clients[who]
        cookies = client.cookies.copy()
        response = fire(client, address, method, path, scene, of, who)
        client.cookies = cookies  # a sign-out ends no session of the next call
        written = AuditEntry.objects.count() - before if method not in SAFE else 0
        word = class_of(response, written)
        transaction.set_rollback(True)
    scene.answer = response
    return word


def fire(
    client: Any, address: Address, method: str, path: str, scene: SimpleNamespace, of: str, who: str
) -> HttpResponse:
    query, body = bodies.of(address.name, method, scene, of, who)
    if headers := bodies.HEADERS.get(address.name):
        return client.generic(method, path, b"1", content_type=bodies.PIECE, headers=headers)
    if method in SAFE:
        return client.generic(method, path, QUERY_STRING=query)
    send = getattr(client, method.lower())
    if address.is_api and address.name not in bodies.FORMS:
        return send(f"{path}?{query}", json.dumps(body), content_type="application/json")
    if method == "POST":
        return send(f"{path}?{query}", body)
    return send(f"{path}?{query}")


def class_of(response: HttpResponse, written: int) -> str:
    status = response.status_code
    if status in (301, 302, 303, 307):
        if "/login/" in response["Location"]:
            return "login"
        return "done" if written else "away"
    if status < 300:
        if response.streaming:
            b"".join(response.streaming_content)
        return "done" if written else "ok"
    if status >= 500:
        return f"{status} {type(response.exc_info[1]).__name__ if response.exc_info else ''}".strip()
    return str(status)
