"""Features that name their own attributes, as columns: a layer has every name that any of its features has."""

from portal.geo.issues import refusal
from portal.geo.outlines import Outlines
from portal.geo.source import Limits, SourceLayer, Value


class SparseLayer:
    """A layer that grows feature by feature. Names are tuples, the way to the value; only its end is shown while that
    is enough to tell the columns apart."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.notes: list[dict] = []
        self.outlines = Outlines(name, limits, self.notes)
        self.crs = ""
        self.wkb: list[bytes | None] = []
        self.values: dict[tuple[str, ...], dict[int, Value]] = {}

    def next_row(self) -> None:
        self.outlines.row += 1
        if self.outlines.row > self.limits.rows:
            raise refusal("too_many_rows", layer=self.name, limit=self.limits.rows)

    def add(self, attributes: list[tuple[tuple[str, ...], Value]], wkb: bytes | None) -> None:
        """Attributes of the row begun by `next_row`; a second value of one name is joined to the first."""
        row = len(self.wkb)
        for name, value in attributes:
            column = self.values.setdefault(name, {})
            column[row] = value if column.get(row) is None else f"{column[row]}; {value}"
        if len(self.values) > self.limits.fields:
            raise refusal("too_many_fields", layer=self.name, count=len(self.values), limit=self.limits.fields)
        self.wkb.append(wkb)

    def finish(self, encoding: str = "utf-8") -> SourceLayer:
        if len(self.values) * len(self.wkb) > self.limits.values:
            raise refusal("too_many_values", limit=self.limits.values)
        ends = [name[-1] for name in self.values]
        fields = [name[-1] if ends.count(name[-1]) == 1 else ".".join(name) for name in self.values]
        columns = [[column.get(row) for row in range(len(self.wkb))] for column in self.values.values()]
        return SourceLayer(self.name, fields, columns, self.wkb, self.crs, encoding, self.notes)


class SparseLayers:
    """The layers of one file by key, in the order of their first feature."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.layers: dict[object, SparseLayer] = {}

    def layer(self, key: object, name: str) -> SparseLayer:
        if key not in self.layers:
            self.layers[key] = SparseLayer(name, self.limits)
            if len(self.layers) > self.limits.layers:
                raise refusal("too_many_layers", count=len(self.layers), limit=self.limits.layers)
        return self.layers[key]

    def finish(self, wanted: list[str] | None) -> list[SourceLayer]:
        found = [layer.finish() for layer in self.layers.values() if wanted is None or layer.name in wanted]
        if not found:
            raise refusal("no_layer")
        return found
