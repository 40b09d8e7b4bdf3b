"""Two people at one plan: whoever hands in later is told what was stored meanwhile, sees both, and decides; nothing is lost.

An upload says which version its sender had seen (`based_on`). A newer one at the time of storing holds it back as a
question in Upload.result; `after` is the sender's word that the newer one was looked at.
"""

from typing import Any

from django.utils import timezone

from planning import change_words, comparing, zone_changes
from planning.judging import Draft
from planning.models import PlanVersion
from planning.zone_changes import Change, Zones
from villages.models import Village

ROWS = 50
"""changes that are kept with the question; the rest is counted"""
Question = dict[str, Any]


def newest(village: Village) -> PlanVersion | None:
    """The newest version of the village's plan, whatever became of it."""
    return PlanVersion.objects.filter(plan__village=village).order_by("-number").select_related("created_by").first()


def seen_numbers(villages: Any) -> dict[str, int]:
    """Village code -> number of its newest version, as a form remembers it while somebody works."""
    rows = PlanVersion.objects.filter(plan__village__in=villages).order_by("number")
    return dict(rows.values_list("plan__village", "number"))


def base_of(village: Village, options: dict[str, Any]) -> PlanVersion | None:
    """The version a file was drawn from, as its sender's form remembered it."""
    return PlanVersion.objects.filter(plan__village=village, number=options.get("based_on") or 0).first()


def later_version(village: Village, options: dict[str, Any]) -> PlanVersion | None:
    """A version that its sender has not seen; None also if it was not said what was seen. Call with the village locked."""
    if "based_on" not in options:
        return None
    last = newest(village)
    return last if last and last.number > max(options["based_on"], options.get("after") or 0) else None


def question(draft: Draft, later: PlanVersion) -> Question:
    """What is asked: the version that came between, and how the file differs from it."""
    zones = Zones(list(range(1, len(draft.codes) + 1)), draft.codes, draft.geoms)
    found = zone_changes.compare(comparing.zones_of(later), zones)
    changes = comparing.changed(found)
    rows = [{"fate": c.fate, "old": c.old, "new": c.new, "land": c.land} for c in changes[:ROWS]]
    codes = sorted({code for c in changes[:ROWS] for a, b, _m2 in c.land for code in (a, b) if code})
    return {"version": later.pk, "number": later.number, "total": len(changes), "changes": rows, "codes": codes}


def in_words(asked: Question | None) -> dict[str, Any] | None:
    """The question for the page and the API: who, when, and the differences as sentences."""
    if not asked:
        return None
    version = PlanVersion.objects.with_plan().select_related("created_by").get(pk=asked["version"])
    names = change_words.class_names(asked["codes"])
    changes = [
        {
            "title": change_words.title(Change(row["fate"], row["old"], row["new"], [])),
            "land": change_words.land([tuple(part) for part in row["land"]], names),
        }
        for row in asked["changes"]
    ]
    return {
        "version": version.pk, "number": version.number, "by": str(version.created_by or "–"), "at": version.created_at,
        "when": f"{timezone.localtime(version.created_at):%Y-%m-%d %H:%M}", "total": asked["total"], "changes": changes,
        "more": asked["total"] - len(changes), "discarded": bool(asked.get("discarded")),
    }  # fmt: skip
