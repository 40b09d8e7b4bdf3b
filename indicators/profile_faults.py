"""What is wrong with the content of a profile of judgement, in the reader's language and with the place."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from django.utils.translation import gettext as _

from indicators.catalogue import INDICATORS
from indicators.compute.standard import read_standard
from planning.profile_faults import SHOWN, explained

DATA = Path(__file__).resolve().parent / "data"


@cache
def json_schema() -> dict[str, Any]:
    return json.loads((DATA / "judgement_profile.schema.json").read_text("utf-8"))


def problem(content: Any) -> str | None:
    """The first fault of a profile's content, naming the place; None if it is good."""
    faults = jsonschema.Draft202012Validator(json_schema()).iter_errors(content)
    errors = sorted(faults, key=lambda e: list(map(str, e.path)))
    if errors:
        return f"{'/'.join(map(str, errors[0].path)) or '/'}: {explained(errors[0])}"
    try:
        json.dumps(content, allow_nan=False)
    except ValueError:
        return "/: " + _("NaN and Infinity are no numbers")
    return next(inconsistent(content), None)


def inconsistent(content: dict[str, Any]) -> Iterator[str]:
    """What no schema can say: indicators, sets and limits that are nowhere, limits that no value can keep."""
    for code, said in content.get("indicators", {}).items():
        if code not in INDICATORS:
            yield "indicators: " + _("there is no indicator “%(code)s”") % {"code": code[:SHOWN]}
        least, most = said.get("at_least"), said.get("at_most")
        if least is not None and most is not None and least > most:
            yield f"indicators/{code}: " + _("at_least is more than at_most")
    known = read_standard()
    for section, words in (("sets", _("there is no set “%(name)s”")), ("limits", _("there is no limit “%(name)s”"))):
        for name in content.get(section, {}):
            if name not in known[section]:
                yield f"{section}: " + words % {"name": name[:SHOWN]}
    for path in content.get("sources", {}):
        if not stands(content, path):
            yield "sources: " + _("there is no entry “%(path)s”") % {"path": path[:SHOWN]}


def stands(content: Any, path: str) -> bool:
    """Whether an entry such as rules/homestead_m2 is there."""
    for name in path.split("/"):
        if not isinstance(content, dict) or name not in content:
            return False
        content = content[name]
    return True
