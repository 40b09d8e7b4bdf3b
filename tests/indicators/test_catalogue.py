"""The catalogue says of each indicator and check what its function does, and the counting rules are data."""

import csv
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.conf import settings

from indicators import catalogue
from indicators.catalogue import INDICATORS, NOTES, TEMPLATE
from indicators.checks import CHECKS
from indicators.compute import (
    access,
    areas,
    ecology,
    farmland,
    growth,
    landuse,
    protection,
    provision,
    safety,
    settlement,
)
from indicators.compute.frames import LAYERS, Frames, no_rows
from indicators.compute.members import MEMBERS
from indicators.compute.standard import DATA, RULES, load_standard
from indicators.compute.structure import change_matrix, official_table, structure
from tests.indicators.frames_for_tests import everything, frames, rect

STANDARD = load_standard()


NUMBERED = {*map(str, range(1, 33)), "33a", "33b", "34a", "34b"}
MODULES = (access, ecology, farmland, growth, landuse, protection, provision, safety, settlement)


def test_all_indicators_of_the_reference_and_of_the_template_are_there():
    assert set(INDICATORS) == NUMBERED | {"T4", "T5", "T12"}
    assert len(TEMPLATE) == 13
    assert set(TEMPLATE) == {code for code, indicator in INDICATORS.items() if catalogue.SHEET in indicator.source}
    binding = [INDICATORS[code].binding == "binding" for code in TEMPLATE]
    assert binding == [True, True, False, False, False, False, True, True, True, True, True, True, False]


@pytest.mark.parametrize("code", INDICATORS)
def test_an_indicator_measures_in_the_unit_it_states(code):
    drawn = frames([("0703", rect(0, 0, 9, 9))], [("0703", rect(0, 0, 9, 9))], [("YJJBNT", rect(0, 0, 9, 9))])
    for given in (drawn, frames()):
        assert INDICATORS[code].function(given, STANDARD).unit == INDICATORS[code].unit


@pytest.mark.parametrize("code", INDICATORS)
def test_inputs_are_exactly_what_is_looked_at(code):
    """A result is kept as long as its inputs do not change: what is not named must not be looked at, what is named must."""
    looked_at = set()

    class Village(dict):
        def get(self, key, default=None):
            looked_at.add(f"village.{key}")
            return super().get(key, default)

        __getitem__ = get

    class Watched(Frames):
        def __getattribute__(self, name):
            if name in LAYERS:
                looked_at.add(name)
            return super().__getattribute__(name)

    full = everything()
    indicator = INDICATORS[code]
    for without in ((), *((name,) for name in LAYERS), *((f"village.{fact}",) for fact in full.village)):
        facts = {name: value for name, value in full.village.items() if f"village.{name}" not in without}
        layers = {name: no_rows(name) if name in without else getattr(full, name) for name in LAYERS}
        indicator.function(Watched(**layers, village=Village(facts)), STANDARD)
    assert looked_at == set(indicator.inputs)


@pytest.mark.parametrize("code", INDICATORS)
def test_what_is_shown_needs_no_more_than_the_inputs(code):
    indicator, full = INDICATORS[code], everything()
    if indicator.shown is None:
        return
    layers = {name: getattr(full, name) if name in indicator.inputs else no_rows(name) for name in LAYERS}
    some = Frames(**layers, village=full.village)
    shown, wanted = indicator.shown(some, STANDARD), indicator.shown(full, STANDARD)
    assert list(shown.columns) == MEMBERS
    assert len(shown) == len(wanted)
    assert len(indicator.shown(frames(), STANDARD)) == 0


def test_a_village_without_any_rows_breaks_nothing():
    """Frames as the database gives them when there is nothing: no column has a type."""
    zones = pd.DataFrame([], columns=["number", "code", "area_m2"]).assign(geom=np.zeros(0, object))
    empty = Frames(zones, zones, zones.rename(columns={"code": "kind"}), {"area_m2": 0.0, "geom": None})
    assert {len(i.shown(empty, STANDARD)) for i in INDICATORS.values() if i.shown} == {0}
    assert structure(empty.base, empty.plan).empty
    assert change_matrix(empty.base, empty.plan).empty
    assert official_table(structure(empty.base, empty.plan))[-1]["base_ha"] == 0
    assert {indicator.function(empty, STANDARD).value for indicator in INDICATORS.values()} == {None}
    assert {check.function(empty, STANDARD).status for check in CHECKS.values()} == {"not_applicable"}


@pytest.mark.parametrize("code", INDICATORS)
def test_a_function_says_its_number_formula_unit_and_source(code):
    told = inspect.getdoc(INDICATORS[code].function)
    assert told.startswith(f"{code} ")
    for word in ("Formula:", "nit ", "umerator", "section 4"):
        assert word in told or (word == "nit " and "unit" in told), word


def test_every_note_has_words():
    sources = "".join(inspect.getsource(module) for module in (*MODULES, areas))
    used = set(re.findall(r'(?:note|missing) ?=.*?"([a-z_]+)"', sources)) | set(re.findall(r'"(no_[a-z_]+)"', sources))
    assert len(used) > 20
    assert used <= set(NOTES)


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_names_severity_law_and_action(code):
    check = CHECKS[code]
    assert check.severity in ("block", "warn", "info")
    assert check.law
    assert str(check.action)
    assert inspect.getdoc(check.function).startswith(f"{code}: ")


def guide():
    rows = csv.DictReader((Path(settings.BASE_DIR) / "planning" / "data" / "landuse_2023.csv").open(encoding="utf-8"))
    return {row["code"]: row["big_class"] for row in rows}


def test_the_set_of_construction_land_is_the_guides():
    finest = guide()
    assert {code for code in finest if code in STANDARD["construction"]} == {
        code for code, big_class in finest.items() if big_class == "construction"
    }


def test_village_construction_land_is_urban_rural_land_without_towns():
    sets = [STANDARD[name] for name in ("construction", "regional_infrastructure", "other_construction")]
    for code in guide():
        urban_rural = code in sets[0] and code not in sets[1] and code not in sets[2]
        town_or_undivided = code.startswith(("0701", "0702")) or code in ("07", "10", "12")
        assert (code in STANDARD["village_construction"]) == (urban_rural and not town_or_undivided), code


def test_the_longest_prefix_decides():
    village = STANDARD["village_construction"]
    assert "1301" in village
    assert "13" in village
    assert "1311" not in village
    assert village.mask(["070301", "0701", None, "1311"]).tolist() == [True, False, False, False]


@pytest.mark.parametrize("name", ["code_sets_national.json", "structure_table_national.json", *RULES.values()])
def test_data_files_say_where_they_come_from(name):
    data = json.loads((DATA / name).read_text(encoding="utf-8"))
    assert data["source"]
    assert data["version"]
    assert data["date"] >= "2026"
    assert data["code_version"] == "2023"


def test_a_province_replaces_the_sets_by_a_file(tmp_path):
    data = json.loads((DATA / "code_sets_national.json").read_text(encoding="utf-8"))
    data["sets"]["cropland"]["include"].append("2303")
    path = tmp_path / "province.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    drawn = frames(plan=[("0101", rect(0, 0, 100, 100)), ("2303", rect(100, 0, 100, 100))])
    assert landuse.cropland(drawn, load_standard(path)).value == pytest.approx(2, abs=1e-6)
    assert landuse.cropland(drawn, STANDARD).value == pytest.approx(1, abs=1e-6)


def test_names_wait_for_the_readers_language():
    assert {type(indicator.name_en).__name__ for indicator in INDICATORS.values()} == {"__proxy__"}
    assert catalogue.STRUCTURE_ROWS["total"]
