"""A profile as code uses it (成果数据库结构): its layers, fields, domains and rules; and which layer of a file is which.

The content is JSON (data/profile.schema.json, format 2; docs/imports.md). Profiles of format 1, stored before there were
schemas, are upgraded when read: they say which columns of a file mean what, and nothing of types or domains.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from planning.values import cleaned

Content = dict[str, Any]


@dataclass(frozen=True)
class FieldSpec:
    """A field 字段: `means` is what the portal takes it for (code, code_name, label, area_m2, remark, …)."""

    name: str
    aliases: tuple[str, ...] = ()
    title: str = ""
    type: str = ""
    length: int | None = None
    decimals: int | None = None
    required: bool = False
    unique: bool = False
    domain: str = ""
    means: str = ""
    keep: bool = False
    """kept with the zone beside what the portal understands, such as CZCSXM"""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class LayerSpec:
    """A layer 图层 or table 表格 of the schema. `role`: zones, projects, base, line, boundary, feature or table."""

    name: str
    aliases: tuple[str, ...] = ()
    title: str = ""
    role: str = "feature"
    kind: str = ""
    """for role `line`: the kind of control line, such as YJJBNT"""
    geometry: str = ""
    required: bool = False
    single: bool = False
    """a file's only layer is this one, whatever its name"""
    code_edition: str = ""
    """of its codes, where it is not that of the profile: DLTB has the survey's"""
    fields: tuple[FieldSpec, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)

    def meaning(self, means: str) -> FieldSpec | None:
        return next((f for f in self.fields if f.means == means), None)


@dataclass(frozen=True)
class Profile:
    """A profile with its name and edition; `content` is what it was made from."""

    content: Content
    name: str = ""
    edition: int = 1
    layers: tuple[LayerSpec, ...] = ()

    def layer(self, role: str) -> LayerSpec | None:
        return next((spec for spec in self.layers if spec.role == role), None)

    @property
    def rules(self) -> dict[str, dict[str, Any]]:
        return self.content.get("rules", {})

    @property
    def codes(self) -> dict[str, str]:
        """Values of the file that stand for a land-use class."""
        return self.content.get("codes", {})

    @property
    def code_edition(self) -> str:
        return self.content.get("code_edition", "2023")

    @property
    def domains(self) -> dict[str, dict[str, str]]:
        return self.content.get("domains", {})

    @property
    def states(self) -> dict[str, str]:
        return self.content.get("states", {})


def of(content: Content, name: str = "", edition: int = 1) -> Profile:
    """The typed view of a profile's content, of either format."""
    content = upgraded(content)
    return Profile(content, name, edition, tuple(map(_layer, content["layers"])))


def _layer(stated: Content) -> LayerSpec:
    fields = tuple(_field(f) for f in stated.get("fields", []))
    known = {k: v for k, v in stated.items() if k not in ("fields", "aliases")}
    return LayerSpec(**known, aliases=tuple(stated.get("aliases", [])), fields=fields)


def _field(stated: Content) -> FieldSpec:
    return FieldSpec(**{**stated, "aliases": tuple(stated.get("aliases", []))})


def upgraded(content: Content) -> Content:
    """Format 1 as format 2; format 2 as it stands."""
    if content["format"] == 2:
        return content
    layers = [_upgraded_layer(content["zones"], "zones")]
    if "projects" in content:
        layers.append(_upgraded_layer(content["projects"], "projects"))
    kept = {key: content[key] for key in ("crs", "encoding", "rules") if key in content}
    return {
        **kept,
        "format": 2,
        "layers": layers,
        "codes": content["zones"].get("codes", {}),
        "code_edition": content["zones"].get("code_version", "2023"),
        "states": content.get("projects", {}).get("states", {}),
    }


def _upgraded_layer(part: Content, role: str) -> Content:
    fields = [
        {"name": names[0], "aliases": names[1:], "means": means, "required": role == "zones" and means == "code"}
        for means, names in part["fields"].items()
    ]
    return {
        "name": part["layers"][0],
        "aliases": part["layers"][1:],
        "role": role,
        "required": role == "zones",
        "single": part.get("single", False),
        "fields": fields,
    }


@dataclass
class Matched:
    """A layer of the file that was recognised as a layer of the profile, with the column of each field found."""

    spec: LayerSpec
    layer: Any
    columns: dict[str, str] = field(default_factory=dict)
    read: dict[str, list[Any]] = field(default_factory=dict, repr=False)

    @cached_property
    def size(self) -> int:
        return len(self.layer.rows)

    def field_of(self, means: str) -> FieldSpec | None:
        """The first field of the schema with this meaning that the file has."""
        return next((f for f in self.spec.fields if f.means == means and f.name in self.columns), None)

    def column(self, means: str) -> str | None:
        """The file's column for what the portal calls `means`."""
        spec = self.field_of(means)
        return self.columns[spec.name] if spec else None

    @property
    def named_apart(self) -> bool:
        """Whether codes and names of classes are in two columns; a mapping may take the column of names for the code."""
        code, name = self.column("code"), self.column("code_name")
        return bool(code and name and code != name)

    def of(self, means: str) -> list[Any]:
        """Values by meaning, row by row; None where the file has no such field or an empty value."""
        column = self.column(means)
        return [None] * self.size if column is None else self.values(column)

    def values(self, column: str) -> list[Any]:
        """The cells of a column, cleaned; kept, because every rule looks at them again."""
        if column not in self.read:
            self.read[column] = cleaned(self.layer.rows[column].tolist())
        return self.read[column]

    def named(self, name: str) -> list[Any] | None:
        """The cells of a field of the schema, None if the file lacks it."""
        return self.values(self.columns[name]) if name in self.columns else None


def match(layers: Sequence[Any], profile: Profile) -> list[Matched]:
    """Which layers of the file are which of the profile: by name or alias, case ignored; each at most once.

    A file's only layer is the one marked `single`, whatever it is called, unless it bears another's name.
    """
    by_lower = {layer.name.lower(): layer for layer in layers}
    taken = {spec.name: layer for spec in profile.layers if (layer := named_like(spec, by_lower)) is not None}
    alone = next((spec for spec in profile.layers if spec.single), None)
    if len(layers) == 1 and alone is not None and not taken:
        taken[alone.name] = layers[0]
    return [Matched(x, taken[x.name], columns_of(taken[x.name], x)) for x in profile.layers if x.name in taken]


def named_like(spec: LayerSpec, by_lower: dict[str, Any]) -> Any | None:
    """The layer of the file with the first of the names that is there. It is taken out: no layer is two."""
    name = next((n.lower() for n in spec.names if n.lower() in by_lower), None)
    return None if name is None else by_lower.pop(name)


def columns_of(layer: Any, spec: LayerSpec) -> dict[str, str]:
    """Field of the profile -> column of the file, case ignored, first name that is there."""
    by_lower = {str(f).lower(): str(f) for f in layer.fields}
    columns = {}
    for wanted in spec.fields:
        column = next((by_lower[n.lower()] for n in wanted.names if n.lower() in by_lower), None)
        if column is not None:
            columns[wanted.name] = column
    return columns
