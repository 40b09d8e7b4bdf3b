"""One shape for everything a file or a geometry can be faulted for; the words are made from code and params when shown."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from portal.geo.reasons import CODES

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True)
class Issue:
    """`row` is the 1-based number of the feature in its layer; `geom` is lon/lat in the storage CRS."""

    code: str
    level: str = ERROR
    layer: str = ""
    row: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    geom: "BaseGeometry | None" = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "level": self.level,
            "layer": self.layer,
            "row": self.row,
            "params": self.params,
            "geom": self.geom,
        }


class Refused(Exception):
    """Nothing of the file may be stored; `issues` say why."""

    def __init__(self, issues: list[Issue]) -> None:
        self.issues = issues
        super().__init__("; ".join(f"{issue.code} {issue.params.get('reason', '')}" for issue in issues))


def refusal(reason: str, *, layer: str = "", row: int | None = None, **params: Any) -> Refused:
    """A refusal for one reason. The rule code belongs to the reason, and the sentence gets layer and row as well."""
    place = {"layer": layer} if layer else {}
    if row is not None:
        place["row"] = row
    return Refused([Issue(CODES[reason], layer=layer, row=row, params={"reason": reason, **place, **params})])
