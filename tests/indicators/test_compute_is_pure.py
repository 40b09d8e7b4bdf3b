"""compute/ knows neither Django nor the apps: it can be read, tested and trusted by itself."""

import ast
import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from indicators import compute

FOLDER = Path(compute.__file__).parent
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
ALLOWED = {"numpy", "pandas", "geopandas", "shapely", "pyproj", "indicators"} | sys.stdlib_module_names


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_modules_import_only_what_measures_need(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        for name in names:
            assert name.split(".")[0] in ALLOWED, name
            assert not name.startswith("indicators") or name.startswith("indicators.compute"), name


def test_importing_compute_loads_no_django():
    program = (
        f"import sys; sys.modules['django'] = None; import {', '.join(f'indicators.compute.{m}' for m in MODULES)}"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=FOLDER.parent.parent)


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_hold(module):
    assert doctest.testmod(importlib.import_module(f"indicators.compute.{module}")).failed == 0


def test_the_engine_has_a_version():
    assert compute.ENGINE
