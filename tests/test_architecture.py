"""The picture of docs/architecture.md, enforced: imports point one way, raw SQL and GDAL have one door each."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["portal", "villages", "planning", "indicators"]
WIRING = {"portal/settings.py", "portal/urls.py", "portal/api.py", "portal/celery.py"}
NAMELESS = {"utils", "helpers", "common", "services", "base", "misc"}


def sources() -> list[Path]:
    return sorted(p for app in ORDER for p in (ROOT / app).rglob("*.py") if "migrations" not in p.parts)


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path):
    name = str(path.relative_to(ROOT))
    if name in WIRING:
        return
    rank = ORDER.index(path.relative_to(ROOT).parts[0])
    higher = {m for m in imported(path) if m.split(".")[0] in ORDER[rank + 1 :]}
    assert not higher, f"{name} imports {higher}"


def test_computing_knows_nothing_of_django():
    for path in (ROOT / "indicators" / "compute").rglob("*.py"):
        assert not {m for m in imported(path) if m.split(".")[0] in ("django", "rest_framework", "celery")}, path


def test_raw_sql_has_one_door():
    for path in sources():
        if path.parent != ROOT / "portal" / "geo" and path.name != "health.py" and "bench" not in path.name:
            text = path.read_text("utf-8")
            assert ".cursor(" not in text, path
            assert ".raw(" not in text, path
            assert "RawSQL" not in text, path


def test_gdal_has_one_door():
    for path in sources():
        if path.parent == ROOT / "portal" / "geo" or "demo" in path.parts or "bench" in path.name:
            continue
        found = {
            m for m in imported(path) if m.split(".")[0] in ("pyogrio", "fiona", "osgeo") or m.endswith("gis.gdal")
        }
        assert not found, f"{path} imports {found}"


def test_modules_are_named_after_something():
    assert not [p for p in sources() if p.stem in NAMELESS]


def written() -> list[Path]:
    """All that people write and read: code, tests, pages and what runs on them. Not what tools write: migrations, and in
    static/dist what is built, with the libraries of others in it."""
    folders = {"tests": (".py", ".mjs"), "static/js": (".js",), "static/css": (".css",), "templates": (".html",)}
    return [*sources(), *(p for name, ends in folders.items() for p in (ROOT / name).rglob("*") if p.suffix in ends)]


def test_no_file_has_grown_too_long():
    long = {str(p.relative_to(ROOT)): n for p in written() if (n := len(p.read_text("utf-8").splitlines())) > 400}
    assert not long


def test_no_setting_points_gdal_at_another_proj():
    """Three GDALs live in one process; these variables would make them disagree."""
    for path in [*sources(), ROOT / "run", *(ROOT / "deploy").rglob("*")]:
        if path.is_file():
            text = path.read_text("utf-8", "ignore")
            assert "PROJ_LIB=" not in text, path
            assert "GDAL_DATA=" not in text, path
