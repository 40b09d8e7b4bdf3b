"""Rules of structure (结构符合性): layers, fields, values."""

from collections.abc import Iterator

from planning.quality.case import Case
from planning.quality.registry import rule
from portal.geo.issues import Issue


@rule("S1")
def required_layers(case: Case) -> Iterator[Issue]:
    """Every layer the profile requires is there."""
    found = {m.spec.name for m in case.matched}
    there = ", ".join(layer.name for layer in case.layers)
    for spec in case.profile.layers:
        if spec.required and spec.name not in found:
            params = {"reason": "layer_wanted", "wanted": ", ".join(spec.names), "there": there}
            yield Issue("S1", params=params)


@rule("S2")
def required_fields(case: Case) -> Iterator[Issue]:
    """Every field the profile requires is there."""
    for matched in case.matched:
        there = ", ".join(map(str, matched.layer.fields))
        for wanted in matched.spec.fields:
            if wanted.required and wanted.name not in matched.columns:
                params = {"reason": "field_wanted", "wanted": ", ".join(wanted.names), "there": there}
                yield Issue("S2", layer=matched.layer.name, params=params)
