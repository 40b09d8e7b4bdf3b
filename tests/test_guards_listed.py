"""Every refusal of a person (NotAllowed, TooMany) has a row in tests/guards.json, so that `./run guards` shows that a test misses it."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("portal", "villages", "planning", "indicators")
REFUSALS = ("NotAllowed", "TooMany")

BEHIND = "the act behind the page or address asks again, and has a row"
EARLIER = "older than this list; give it a row when you touch it"
ASKED = "asks another function that has rows"
# the file and the condition of each refusal that has no row, and why
WITHOUT = {
    ("indicators/api_divisions.py", 'not require_user(request).has_perm("indicators.check_division", division)'): EARLIER,
    ("indicators/views/judgement.py", 'not request.user.has_perm("indicators.check_division", division)'): EARLIER,
    ("indicators/whatifs.py", "WhatIf.objects.filter(by=by, at__gte=midnight).count() >= limit"): EARLIER,
    ("planning/api/on_behalf.py", 'not user.has_perm("planning.enter_comment", found)'): BEHIND,
    ("planning/api/watched_words.py", "not held.divisions(user)"): EARLIER,
    ("planning/conditions.py", "not may_set(by, version)"): ASKED,
    ("planning/profiles.py", "by is not None and not may_add(by)"): EARLIER,
    ("planning/profiles.py", 'content.get("rules")'): EARLIER,
    ("planning/reviews.py", "not ReviewRequest.objects.open_to(by).filter(pk=request.pk).exists()"): EARLIER,
    ("planning/reviews.py", "not ReviewRequest.objects.requested_from(by).filter(pk=request.pk).exists()"): EARLIER,
    ("planning/second_person.py", "target == State.APPROVED"): ASKED,
    ("planning/second_person.py", ""): ASKED,
    ("planning/views/case.py", 'not request.user.has_perm("planning.choose_track", version)'): BEHIND,
    ("planning/views/comments.py", "not CommentThrottle().allow_request(request, None)"): EARLIER,
    ("planning/views/consultations.py", "not consultations.may_take_in(request.user, version)"): BEHIND,
    ("planning/views/evidence.py", 'not request.user.has_perm("planning.commission", village)'): BEHIND,
    ("planning/views/evidence.py", 'not request.user.has_perm(f"planning.record_{owner}", row.version)'): BEHIND,
    ("planning/views/evidence.py", 'not request.user.has_perm(f"planning.record_{owner}", version)'): BEHIND,
    ("planning/views/handing_in.py", "not villages.exists()"): BEHIND,
    ("planning/views/mapping.py", 'not request.user.has_perm("planning.upload_plan", village)'): BEHIND,
    ("planning/views/moderation.py", "not moderation.may_moderate(request.user, comment.division_code)"): BEHIND,
    ("planning/views/photos.py", "not PhotoThrottle().allow_request(request, None)"): EARLIER,
    ("portal/administering.py", "not visible_to(by).filter(pk=user.pk).exists()"): EARLIER,
    ("portal/second_factor.py", "not SecondFactor.objects.filter(user=user).delete()[0]"): EARLIER,
    ("portal/signing_in.py", "not second_factor.has_one(user)"): EARLIER,
    ("portal/views_sign_in.py", "not LoginThrottle().allow_request(request, None)"): EARLIER,
    ("villages/tables/open_street_map.py", 'by is not None and not may_import(by, KINDS["facilities"], county.code)'): EARLIER,
    ("villages/views/tables.py", "row.job is None or row.job.created_by_id != request.user.pk"): EARLIER,
}  # fmt: skip


def squeezed(text: str) -> str:
    return " ".join(text.split())


def refusals(path: Path) -> Iterator[tuple[str, int]]:
    """The nearest `if` around each refusal of a file (nothing, if there is none in its function), and its line."""
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        if getattr(node.exc.func, "id", "") not in REFUSALS:
            continue
        at: ast.AST = node
        while not isinstance(at, ast.If | ast.FunctionDef | ast.Module):
            at = above[at]
        yield squeezed(ast.get_source_segment(text, at.test) or "") if isinstance(at, ast.If) else "", node.lineno


def sources() -> Iterator[tuple[str, Path]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path


def listed() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in json.loads((ROOT / "tests" / "guards.json").read_text("utf-8")):
        found.setdefault(entry["file"], []).append(squeezed(entry["find"]))
    return found


def has_row(condition: str, finds: list[str]) -> bool:
    """The words of a row hold the condition, or are a part of it."""
    return bool(condition) and any(condition in find or find in f"if {condition}:" for find in finds)


def test_every_refusal_has_a_row_or_a_reason_why_not():
    rows = listed()
    missing = [
        f"{name}:{line}: {condition}"
        for name, path in sources()
        for condition, line in refusals(path)
        if (name, condition) not in WITHOUT and not has_row(condition, rows.get(name, []))
    ]
    assert not missing, "no row in tests/guards.json for:\n" + "\n".join(missing)


def test_no_reason_outlives_its_refusal():
    stand = {(name, condition) for name, path in sources() for condition, _line in refusals(path)}
    assert set(WITHOUT) <= stand
