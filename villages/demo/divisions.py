"""Real divisions of 肥城市: 14 townships and 634 villages (see LICENSE-divisions.txt)."""

from __future__ import annotations

import csv
from pathlib import Path

from villages.demo.records import DivisionRow

COUNTY = "370983000000"
TABLE = Path(__file__).with_name("divisions.csv")


def display_name(name: str) -> str:
    """Short everyday name: 柳沟村委会 -> 柳沟村, 向阳社区居委会 -> 向阳社区, 东关居委会 -> 东关社区."""
    if name.endswith("村村委会"):
        return name.removesuffix("村委会")
    if name.endswith("村委会"):
        return name.removesuffix("委会")
    if name.endswith("社区居委会"):
        return name.removesuffix("居委会")
    if name.endswith("居委会"):
        return name.removesuffix("居委会") + "社区"
    return name


def rows() -> list[DivisionRow]:
    """All divisions, parents before children."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [DivisionRow(**row) for row in csv.DictReader(file)]
