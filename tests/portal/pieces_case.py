"""Files in pieces, sent by raw requests of the tus protocol."""

import base64
import shutil
from typing import Any

import pytest
from django.test import Client

from portal.models.parts import parts_folder
from tests import world

BASE = "/api/v1/uploads/resumable/"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def _empty_folder():
    shutil.rmtree(parts_folder())
    yield
    shutil.rmtree(parts_folder(), ignore_errors=True)


def encoded(**said: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())


def begin(client: Client, size: int, **said: str) -> Any:
    told = encoded(**{"filename": "plan.geojson", "village": world.LIUGOU, **said})
    return client.post(BASE, headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": told})


def begun(client: Client, size: int, **said: str) -> str:
    answer = begin(client, size, **said)
    assert answer.status_code == 201, answer.content
    return answer["Location"].removeprefix("http://testserver")


def send(client: Client, address: str, piece: bytes, at: int, **headers: str) -> Any:
    return client.patch(address, piece, PIECE, headers={**TUS, "Upload-Offset": str(at), **headers})


def offset(client: Client, address: str) -> int:
    answer = client.head(address, headers=TUS)
    assert answer.status_code == 200
    return int(answer["Upload-Offset"])
