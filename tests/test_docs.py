"""Documentation that is tested: every setting, indicator, check, rule and step stands in it."""

import re
from pathlib import Path

from indicators.catalogue import INDICATORS
from indicators.checks import CHECKS
from planning.issue_texts import RULES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def text(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def test_every_environment_variable_is_described():
    read = re.findall(r'env_(?:str|bool|int|list)\("([A-Z_]+)"', (ROOT / "portal" / "settings.py").read_text("utf-8"))
    assert [name for name in read if f"`{name}`" not in text("operations.md")] == []


def test_every_indicator_and_check_is_described():
    page = text("indicators.md")
    assert [i.code for i in INDICATORS.values() if f"| {i.code} | {i.name_zh} |" not in page] == []
    assert [code for code in CHECKS if f"| {code} |" not in page] == []


def test_every_quality_rule_is_described():
    page = text("imports.md")
    first_last = re.sub(r"F1–F4", "F1 F2 F3 F4", page)
    assert [rule for rule in RULES if not re.search(rf"\b{rule}\b", first_last)] == []


def test_the_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text("utf-8")):
        assert target.startswith("http") or (ROOT / target).exists(), target
