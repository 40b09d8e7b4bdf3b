"""A plan file in memory, judged with a profile, for tests of single rules."""

from typing import Any

import numpy as np
import pandas as pd

from planning import judging, profiles, schema
from planning.judging import Judgement
from portal.geo.readers import Layer
from tests.grid import cell
from villages.models import Village

ROWS = ["0102"] * 5 + ["0301"] * 2 + ["070301", "0201", "1207"]


def layer(name: str, columns: dict[str, list[Any]], geometry: list[Any], *, crs: str = "EPSG:4490 CGCS2000") -> Layer:
    rows = pd.DataFrame(columns, index=range(len(geometry)), dtype=object)
    return Layer(name, list(columns), rows, np.array(geometry, object), crs, "UTF-8", [])


def strips(count: int = 10) -> list[Any]:
    """The test village as rows of cells, one zone each."""
    return [cell(0, n, 10, 1) for n in range(count)]


def zones(codes: list[Any] = ROWS, **columns: list[Any]) -> Layer:
    return layer("GHYDYH", {"YDYHFLDM": codes, **columns}, strips())


def judged(village: Village, *layers: Layer, name: str = "ghydyh", decisions: Any = None, **changes: Any) -> Judgement:
    """What becomes of these layers; `changes` go over the content of the profile."""
    used = profiles.for_village(name, village.code)
    used = schema.of({**used.content, **changes}, used.name, used.edition)
    return judging.judge(list(layers), used, village, decisions=decisions)


def found(judgement: Judgement, code: str) -> list[tuple[str, str, int | None, str]]:
    """(level, layer, row, reason) of every issue of one rule."""
    return [(i.level, i.layer, i.row, i.params.get("reason", "")) for i in judgement.issues if i.code == code]


def state(judgement: Judgement, code: str) -> str:
    return next(r["state"] for r in judgement.report["rules"] if r["code"] == code)


def why(judgement: Judgement, code: str) -> str:
    return next(r["why"]["reason"] for r in judgement.report["rules"] if r["code"] == code)
