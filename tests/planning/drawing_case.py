"""A drawing of the test village, and the steps people make on it, through the API."""

import itertools
import json
from typing import Any

from django.test import Client

from planning.models import Drawing
from tests import world
from tests.grid import SOUTH, STEP, WEST

API = "/api/v1/drawings/"
_keys = itertools.count()


def at(col: float, row: float) -> list[float]:
    """Longitude and latitude of a corner of the grid of cells."""
    return [round(WEST + col * STEP, 9), round(SOUTH + row * STEP, 9)]


def ring(*corners: tuple[float, float]) -> dict[str, Any]:
    """A GeoJSON polygon through these corners of the grid."""
    return {"type": "Polygon", "coordinates": [[at(*c) for c in (*corners, corners[0])]]}


def line(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [at(*c) for c in corners]}


class Pen:
    """Somebody who draws: remembers the revision, as a browser does."""

    def __init__(self, client: Client, id: str) -> None:
        self.client, self.id, self.revision = client, id, 0
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.look()

    def look(self) -> dict[str, Any]:
        seen = self.client.get(f"{API}{self.id}/").json()
        self.revision = seen["revision"]
        return seen

    def send(self, kind: str, *, key: str = "", status: int = 200, **body: Any) -> dict[str, Any]:
        body = {"revision": self.revision, "key": key or f"k{next(_keys)}", "kind": kind, **body}
        answer = self.client.post(f"{API}{self.id}/steps/", json.dumps(body), "application/json")
        assert answer.status_code == status, answer.content.decode()
        told = answer.json()
        if status == 200:
            self.revision = told["revision"]
            return told
        return told["error"]

    def refused(self, kind: str, status: int = 400, **body: Any) -> str:
        return self.send(kind, status=status, **body)["code"]

    def post(self, what: str, status: int = 200, **body: Any) -> dict[str, Any]:
        answer = self.client.post(f"{API}{self.id}/{what}/", json.dumps(body), "application/json")
        assert answer.status_code == status, answer.content.decode()
        told = answer.json()
        return told if status < 400 else told["error"]

    @property
    def drawing(self) -> Drawing:
        return Drawing.objects.get(pk=self.id)

    def areas(self) -> dict[int, float]:
        """Areas as the database has them, m²."""
        return dict(self.drawing.zones.values_list("number", "area_m2"))


def begin(client: Client, start: str = "version", status: int = 201, **body: Any) -> Pen:
    body = {"village": world.LIUGOU, "start": start, **body}
    answer = client.post(API, json.dumps(body), "application/json")
    assert answer.status_code == status, answer.content.decode()
    return Pen(client, answer.json()["id"])
