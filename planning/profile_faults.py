"""What is wrong with the content of a profile, in the reader's language and with the place."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from portal.geo import quality

DATA = Path(__file__).resolve().parent / "data"
SHOWN = 60

# keyword of JSON Schema: what to say of it. `value` is what stands there, `wanted` what the schema has.
WORDS = {
    "required": gettext_noop("“%(value)s” is missing"),
    "additionalProperties": gettext_noop("“%(value)s” is not known here"),
    "type": gettext_noop("%(value)s is not of the type %(wanted)s"),
    "enum": gettext_noop("%(value)s is none of %(wanted)s"),
    "const": gettext_noop("%(value)s should be %(wanted)s"),
    "pattern": gettext_noop("%(value)s is not written as it should be (%(wanted)s)"),
    "minLength": gettext_noop("the text must not be empty"),
    "maxLength": gettext_noop("the text is longer than %(wanted)s characters"),
    "minItems": gettext_noop("the list must have at least %(wanted)s entries"),
    "maxItems": gettext_noop("the list has more than %(wanted)s entries"),
    "maxProperties": gettext_noop("there are more than %(wanted)s entries"),
    "minimum": gettext_noop("%(value)s is less than %(wanted)s"),
    "maximum": gettext_noop("%(value)s is more than %(wanted)s"),
}


@cache
def json_schema(format: int) -> dict[str, Any]:
    name = "profile_format1.schema.json" if format == 1 else "profile.schema.json"
    return json.loads((DATA / name).read_text("utf-8"))


def problem(content: Any) -> str | None:
    """The first fault of a profile's content, naming the place; None if it is good."""
    wanted = json_schema(1 if isinstance(content, dict) and content.get("format") == 1 else 2)
    errors = sorted(jsonschema.Draft202012Validator(wanted).iter_errors(content), key=lambda e: list(map(str, e.path)))
    if errors:
        return f"{'/'.join(map(str, errors[0].path)) or '/'}: {explained(errors[0])}"
    return next(inconsistent(content), None)


def explained(error: jsonschema.ValidationError) -> str:
    """A message of the schema in words; those that are rare stay as the validator has them."""
    words = WORDS.get(error.validator)
    if words is None:
        return error.message[: 3 * SHOWN]
    value, wanted = error.instance, error.validator_value
    if error.validator == "required":
        value = next(name for name in wanted if name not in value)
    elif error.validator == "additionalProperties":
        value = next(name for name in value if name not in error.schema.get("properties", {}))
    elif error.validator in ("type", "enum", "const"):
        wanted = ", ".join(map(str, wanted)) if isinstance(wanted, list) else wanted
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _(words) % {"value": shown[:SHOWN], "wanted": str(wanted)[:SHOWN]}


def inconsistent(content: dict[str, Any]) -> Iterator[str]:
    """What no schema can say: names used twice, lists and rules that are nowhere."""
    from planning.quality.registry import catalogue

    rules = content.get("rules", {})
    for part in ("levels", "weights"):
        for code in rules.get(part, {}):
            if code not in catalogue():
                yield f"rules/{part}: " + _("there is no rule “%(code)s”") % {"code": code[:SHOWN]}
    known = set(quality.DEFAULT_RULES["tolerances"])
    known |= {name for entry in catalogue().values() for name in entry.get("tolerances", {})}
    for name in rules.get("tolerances", {}):
        if name not in known:
            yield "rules/tolerances: " + _("there is no tolerance “%(name)s”") % {"name": name[:SHOWN]}
    layers = content.get("layers", [])
    for name, count in Counter(layer["name"].lower() for layer in layers).items():
        if count > 1:
            yield "layers: " + _("two layers are called “%(name)s”") % {"name": name[:SHOWN]}
    for n, layer in enumerate(layers):
        for m, stated in enumerate(layer.get("fields", [])):
            if stated.get("domain") and stated["domain"] not in content.get("domains", {}):
                words = _("there is no list of values “%(name)s”") % {"name": stated["domain"]}
                yield f"layers/{n}/fields/{m}/domain: {words}"
