"""docs/indicators.md says what the catalogue, the checks and the shipped profiles say."""

import pytest
from django.core.management import call_command

from indicators import reference
from indicators.catalogue import INDICATORS
from indicators.management.commands import indicator_docs


def test_the_page_is_as_the_catalogue_makes_it():
    page = reference.PAGE.read_text("utf-8")
    assert reference.written(page) == page, "run ./run manage indicator_docs"


def test_another_catalogue_makes_another_page(monkeypatch):
    page = reference.PAGE.read_text("utf-8")
    monkeypatch.delitem(INDICATORS, "34b")
    made = reference.written(page)
    assert "| 34b |" in page
    assert "| 34b |" not in made
    assert made.split("## Profiles")[0].split("## Indicators")[0] == page.split("## Indicators")[0]


def test_the_command_writes_the_page(monkeypatch, tmp_path, capsys):
    path = tmp_path / "page.md"
    path.write_text("".join(f"<!-- {n}: begin -->\nstale row\n<!-- {n}: end -->\n" for n in reference.TABLES), "utf-8")
    monkeypatch.setattr(indicator_docs, "PAGE", path)
    call_command("indicator_docs")
    assert "written" in capsys.readouterr().out
    assert "stale row" not in path.read_text("utf-8")
    call_command("indicator_docs")
    assert "as it was" in capsys.readouterr().out


def test_a_page_without_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="indicators"):
        reference.written("nothing")


def test_every_fact_has_a_name_and_a_unit():
    from villages.models import Fact
    from villages.tables.facts import FACTS

    assert set(FACTS) == set(Fact.Code.values)
