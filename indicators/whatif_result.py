"""What a what-if shows (假如采纳的结果): land moved, conflicts gone, new and changed, indicators before and after.

Kept are figures and codes, no words: whoever reads it reads it in his own language (indicators.whatif_words).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from django.utils.translation import gettext as _

from indicators import carrying, digests, kept, lights, plain_words, refusals, runs, whatif_copy
from indicators.applying import Ruling, ruling
from indicators.checks import severity_of
from indicators.compute.bounds import check_frames
from indicators.compute.carrying import Conflict, matches
from indicators.compute.frames import CheckResult, Frames
from indicators.digests import Inputs, digest_of, layer_names
from indicators.drawn import as_geojson
from indicators.findings import multi
from indicators.frames import frames_of
from indicators.models import Run, Target, WhatIf
from planning import waived
from planning.conflicts import PERSONAL
from planning.models import Finding, PlanVersion, Waiver
from portal import jobs
from portal.errors import PortalError
from portal.geo import crs

EDITION = 1
"""of the result's shape: raised when what is kept in it changes"""
KINDS = ("new", "gone", "larger", "smaller")
SAME_M2 = 0.01
"""a conflict that differs by less is the same: the rounding of lines that were cut"""
Results = dict[str, Any]


def key_of(version: PlanVersion, geom: Any, code: str, rules: Ruling, around: Inputs) -> str:
    """The name of a question: the same version, land, class, rules and surroundings have the same answer."""
    waivers = Waiver.objects.filter(plan=version.plan_id, state=Waiver.State.CONFIRMED).order_by("pk")
    return digest_of([
        EDITION, version.pk, version.digest, geom.wkb.hex(), code, runs.sources_of(rules, around), list(waivers.values_list("pk", flat=True)),
    ])  # fmt: skip


def keys(version: PlanVersion) -> Callable[[Any, str], str]:
    """(land, class) -> the name of the question as things are now; rules and surroundings are looked at once."""
    rules, around = ruling(version.plan.village), digests.around(version)
    return lambda geom, code: key_of(version, geom, code, rules, around)


def compute(what_if: WhatIf, progress: jobs.Progress = jobs.quiet) -> dict[str, Any]:
    """Judge the copy beside the original. Nothing is written but results of the original that were not kept yet."""
    version = PlanVersion.objects.with_plan().get(pk=what_if.version_id)
    rules, inputs = ruling(version.plan.village), digests.of_version(version)
    land = shapely.from_wkb(bytes(what_if.geom.wkb))
    progress(3, _("Cutting the land out of a copy of the plan"))
    change = whatif_copy.cut(version, land)
    progress(8, _("Reading the plan as it is"))
    with refusals.spoken():
        before = kept.results_of(
            version, rules.works, rules.standard, inputs, lambda share, title: progress(8 + int(40 * share), title)
        )
        after, frames, plan = judged_anew(
            version, rules, change, what_if.code, before, lambda share, title: progress(50 + int(45 * share), title)
        )
    progress(96, _("Comparing both"))
    rows = whatif_copy.moved(change, frames.plan, frames.base)
    area_m2 = float(crs.area_m2([change.land])[0])
    if not any(row["before"] != what_if.code for row in rows):
        raise PortalError(_("The plan has this land in that class already. Nothing would change."), code="unchanged")
    labels = [dict(zip(side["number"], side["label"], strict=True)) for side in (frames.plan, plan)]
    return {
        "edition": EDITION,
        "area_m2": area_m2,
        "asked_m2": float(crs.area_m2([land])[0]),
        "shape": as_geojson(change.land),
        "moved": rows,
        "zones": sorted(number for number in change.made if number in change.before),
        "conflicts": conflicts(version, rules, before, after, labels),
        "indicators": indicators(version, rules, before, after),
        "not_checked": sorted(code for code in rules.checks if after[f"c{code}"].status == "not_applicable"),
        "profiles": list(rules.profiles),
    }


def judged_anew(
    version: PlanVersion, rules: Ruling, change: whatif_copy.Cut, code: str, before: Results,
    progress: Callable[[float, str], None],
) -> tuple[Results, Frames, Any]:  # fmt: skip
    """Results of the copy. What does not look at the zones is as it was; the rest is computed, and kept by nobody."""
    works = [work for work in rules.works if "plan" in work.inputs]
    layers = set().union(*(layer_names(work.inputs) for work in works)) | {"plan", "base"}
    frames = frames_of(version, layers)
    plan = whatif_copy.changed_plan(frames.plan, change, code)
    copy = replace(frames, plan=plan)
    check_frames(copy)
    after = {work.name: before[work.name] for work in rules.works if "plan" not in work.inputs}
    for n, work in enumerate(works):
        progress(n / len(works), work.title)
        result = work.function(*(after[name] for name in work.given), kept.seen_by(work, copy), rules.standard)
        # through JSON, as results that are kept go: both sides then differ by what changed and by nothing else
        after[work.name] = work.unpack(json.loads(json.dumps(work.pack(result), default=kept.plain)))
    return after, frames, plan


# --- conflicts


def conflicts(
    version: PlanVersion, rules: Ruling, before: Results, after: Results, labels: list[Mapping[int, str]]
) -> list[dict[str, Any]]:
    """Conflicts that go, come or change their size; of both sides those that touch each other are one row. What households
    have is nobody else's business and does not depend on the zones."""
    granted = waived.granted_to(version.plan)
    rows = []
    for code in rules.checks:
        if code in PERSONAL or after[f"c{code}"] is before[f"c{code}"]:
            continue
        old, new = (
            findings(version, code, side[f"c{code}"], rules, names, granted)
            for side, names in zip((before, after), labels, strict=True)
        )
        rows += compared(code, old, new)
    for row in rows:  # a zone that the draft does not have says nothing to anybody
        row["zones"] = [number for number in row["zones"] if number in labels[0]]
    order = list(Finding.Severity.values)
    return sorted(
        rows, key=lambda row: (order.index(row["severity"]), KINDS.index(row["kind"]), row["code"], -row["after_m2"])
    )


def findings(
    version: PlanVersion, code: str, result: CheckResult, rules: Ruling, labels: Mapping[int, str], granted: Any
) -> list[tuple[Finding, Conflict, list[int]]]:
    """What a check found as findings that are never stored, with authorised exceptions, each with what identifies it."""
    found = []
    for row in result.pieces.itertuples():
        shape, detail = multi(row.geom), row.detail or {}
        zone = None if pd.isna(row.zone) else int(row.zone)
        finding = Finding(
            version=version, code=code, severity=severity_of(rules.checks[code]["severity"], detail), category=row.category,
            found_as=row.category, subject=(row.subject or "")[:60], detail=detail, area_m2=row.area_m2,
        )  # fmt: skip
        waived.sort(finding, shape, row.code if zone is not None else "", granted)
        label = labels.get(zone, "") if zone is not None else ""
        found.append((finding, carrying.conflict_of(finding, label or "", shape), [] if zone is None else [zone]))
    return found


def compared(code: str, old: list[Any], new: list[Any]) -> list[dict[str, Any]]:
    """Groups of findings that are the same conflict, as far as they differ."""
    links = matches([row[1] for row in new], [row[1] for row in old], carrying.same_conflict_share())
    groups = Groups(len(old) + len(new))
    for link in links:
        groups.join(link.old, len(old) + link.new)
    rows = []
    for members in groups.all():
        sides = [old[n] for n in members if n < len(old)], [new[n - len(old)] for n in members if n >= len(old)]
        if row := difference(code, *sides):
            rows.append(row)
    return rows


def difference(code: str, was: list[Any], now: list[Any]) -> dict[str, Any] | None:
    """One conflict before and after; None if nothing about it changes."""
    sums = [float(sum(finding.area_m2 for finding, *_more in side)) for side in (was, now)]
    worst = [max((f for f, *_more in side), key=lambda f: f.area_m2) if side else None for side in (was, now)]
    categories = [finding.category if finding else "" for finding in worst]
    if was and now and abs(sums[1] - sums[0]) < SAME_M2 and categories[0] == categories[1]:
        return None
    shown = worst[1] or worst[0]
    kind = "gone" if not now else "new" if not was else "smaller" if sums[1] < sums[0] else "larger"
    return {
        "code": code, "kind": kind, "severity": shown.severity, "category": shown.category, "category_before": categories[0],
        "subject": shown.subject, "before_m2": sums[0], "after_m2": sums[1], "detail": shown.detail,
        "zones": sorted({number for _f, _c, numbers in (was or now) for number in numbers}),
    }  # fmt: skip


class Groups:
    """Things that hang together by pairs."""

    def __init__(self, count: int) -> None:
        self.above = list(range(count))

    def top(self, at: int) -> int:
        while self.above[at] != at:
            self.above[at] = at = self.above[self.above[at]]
        return at

    def join(self, one: int, other: int) -> None:
        self.above[self.top(one)] = self.top(other)

    def all(self) -> list[list[int]]:
        found: dict[int, list[int]] = {}
        for at in range(len(self.above)):
            found.setdefault(self.top(at), []).append(at)
        return list(found.values())


# --- indicators


def indicators(version: PlanVersion, rules: Ruling, before: Results, after: Results) -> list[dict[str, Any]]:
    """Every indicator that applies, before and after, with what it is held to and whether that is kept."""
    targets = {t.code: t for t in Target.objects.filter(village=version.plan.village)}
    run = Run(version=version)
    rows = []
    for code, rule in rules.indicators.items():
        was, now = (
            plain_words.figure(runs.value_row(run, code, side[f"i{code}"], rule), targets.get(code))
            for side in (before, after)
        )
        rows.append(
            {
                "code": code, "unit": after[f"i{code}"].unit, "before": plain(was.value), "after": plain(now.value),
                "delta": None if was.value is None or now.value is None else plain(now.value - was.value),
                "target": now.target.value if now.target else None, "binding": now.binding,
                "bounds": [{"kind": b.kind, "value": b.value, "origin": b.origin} for b in now.bounds],
                "light_before": was.light, "light_after": now.light, "verdict": verdict(was, now),
            }
        )  # fmt: skip
    return rows


def verdict(was: plain_words.Figure, now: plain_words.Figure) -> str:
    """Whether a number gets better or worse: by its direction, else by its light; `same` to the two decimals it is read in."""
    if was.value is None or now.value is None:
        return "same" if was.value is now.value else "other"
    change = round(now.value - was.value, lights.PLACES)
    worse = lights.ORDER.index(now.light) - lights.ORDER.index(was.light)
    if was.light != now.light and "none" not in (was.light, now.light):
        return "better" if worse > 0 else "worse"
    if not change:
        return "same"
    if now.better is None:
        return "other"
    return "better" if (change > 0) == (now.better == "more") else "worse"


def plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
