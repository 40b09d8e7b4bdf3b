"""The tables of docs/indicators.md, made from the catalogue, the checks, the counting rules and the shipped profiles.

`./run manage indicator_docs` writes them between the page's markers; a test fails when the page says something else.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings
from django.utils import translation

from indicators.catalogue import INDICATORS, NOTES, TEMPLATE
from indicators.checks import CHECKS
from indicators.compute.standard import DATA, read_standard
from villages.tables.facts import FACTS

PAGE = Path(settings.BASE_DIR) / "docs" / "indicators.md"
PROFILES = DATA / "profiles"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Rows of a table of Markdown; a bar in a cell would end it."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def indicators() -> str:
    return table(
        ("code", "指标", "name", "unit", "binding", "better", "formula", "looks at", "source"),
        (
            (
                i.code, i.name_zh, i.name_en, i.unit, "约束性" if i.binding == "binding" else "预期性", i.better or "–", i.formula,
                ", ".join(i.inputs), i.source,
            )
            for i in INDICATORS.values()
        ),
    )  # fmt: skip


def template() -> str:
    return table(
        ("row", "指标", "code", "binding"),
        (
            (n, INDICATORS[code].name_zh, code, "约束性" if INDICATORS[code].binding == "binding" else "预期性")
            for n, code in enumerate(TEMPLATE, 1)
        ),
    )


def checks() -> str:
    return table(
        ("check", "what", "severity", "law", "what to do", "looks at", "while drawing"),
        (
            (c.code, c.name, c.severity, c.law, c.action, ", ".join(c.inputs), "yes" if c.drawn else "no")
            for c in CHECKS.values()
        ),
    )


def sets() -> str:
    known = read_standard()["sets"]
    return table(
        ("set", "名称", "classes", "without", "where from"),
        (
            (name, s["name_zh"], ", ".join(s["include"]), ", ".join(s.get("exclude", [])) or "–", s["source"])
            for name, s in known.items()
        ),
    )


def limits() -> str:
    known = read_standard()["limits"]
    return table(
        ("limit", "value", "where from"), ((name, f"{x['value']:g}", x["source"]) for name, x in known.items())
    )


def facts() -> str:
    return table(("code", "指标", "unit"), ((code, name, unit) for code, (name, unit) in FACTS.items()))


def notes() -> str:
    return table(("note", "words"), NOTES.items())


def profiles() -> str:
    stated = [json.loads(path.read_text("utf-8")) for path in sorted(PROFILES.glob("*.json"))]
    shipped = [profile for file in stated for profile in (file if isinstance(file, list) else [file])]
    return table(
        ("profile", "title", "division", "type", "terrain", "sample", "source"),
        (
            (
                p["name"], p["title"], p["division_code"] or "–", p["village_type"] or "–", p["terrain"] or "–",
                "示例" if p["sample"] else "", p["source"],
            )
            for p in sorted(shipped, key=lambda p: (len(p["division_code"]), p["name"]))
        ),
    )  # fmt: skip


TABLES: dict[str, Callable[[], str]] = {
    "indicators": indicators,
    "template": template,
    "checks": checks,
    "sets": sets,
    "limits": limits,
    "facts": facts,
    "notes": notes,
    "profiles": profiles,
}


def written(page: str) -> str:
    """The page with every table as it is today."""
    with translation.override("en"):
        for name, make in TABLES.items():
            begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
            if begin not in page or end not in page:
                raise ValueError(f"docs/indicators.md has no place for the table “{name}”.")
            body = f"{begin}\n{make()}\n{end}"
            page = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _, b=body: b, page, flags=re.S)
    return page
