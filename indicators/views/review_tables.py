"""What the review page says beside indicators, structure table and conflicts: changes since the last version, history."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators import plain_words
from planning import issue_texts
from planning.maps import UNKNOWN_COLOUR, classes
from planning.models import Finding, PlanVersion, State
from planning.step_labels import step_label
from portal.models import AuditEntry

TOLD_FROM_M2 = 1  # smaller changes between two versions are the redrawing of a line
ACTS = 200

VERBS = {
    "upload.received": _("File received"),
    "upload.accepted": _("File checked and accepted"),
    "upload.refused": _("File checked and refused"),
    "version.imported": _("Version stored"),
    "version.judged": _("Indicators and conflicts computed"),
    "round.recorded": _("First round recorded"),
    "assembly.recorded": _("Assembly recorded"),
    "document.added": _("Document added"),
    "document.read": _("Document opened"),
    "decision.written": _("Decision letter written"),
    "return_item.answered": _("Point of a return answered"),
    "return_item.settled": _("Answer to a point of a return settled"),
    "version.return_listed": _("Points of a return listed"),
    "version.track_chosen": _("Procedure chosen"),
    "comment.posted": _("Comment posted"),
    "comment.answered": _("Comment answered"),
    "waiver.proposed": _("Exception asked for"),
    "waiver.confirmed": _("Exception confirmed"),
    "waiver.refused": _("Exception refused"),
    "waiver.withdrawn": _("Exception withdrawn"),
    "waiver.document_read": _("Document of an exception opened"),
}


def act_text(verb: str) -> str | Promise:
    """An act in words; the steps of a version are called as its procedure calls them."""
    return VERBS.get(verb) or step_label(verb.removeprefix("version."))


# What acts keep beside their state and reasons; a key that is not here is shown as it is.
RECORDED = {
    "digest": _("content digest"),
    "document": _("number of the document"),
    "finding": _("key of the conflict"),
    "findings": _("conflicts sorted anew"),
    "reason": _("reason"),
    "waiver": _("exception"),
    "issues": _("issues of the file"),
    "number": _("version"),
    "run": _("Run"),
    "sha256": _("file digest (SHA-256)"),
    "size": _("size in bytes"),
    "version": _("version"),
    "village": _("Village"),
    "zone": _("Zone"),
    "zones": _("Zones"),
}


@dataclass(frozen=True)
class ClassChange:
    """A class between two versions, m²."""

    name: str
    colour: str
    before_m2: float
    after_m2: float

    @property
    def change_m2(self) -> float:
        return self.after_m2 - self.before_m2


@dataclass(frozen=True)
class VersionChange:
    """What changed since an older version of the same plan."""

    older: PlanVersion
    classes: list[ClassChange]
    counts: list[tuple[str | Promise, int, int]]


def since_last(version: PlanVersion) -> VersionChange | None:
    """Areas by class and numbers of conflicts against the version before; None for a first version."""
    older = version.plan.versions.filter(number__lt=version.number).order_by("-number").first()
    if older is None:
        return None
    before, after = areas(older), areas(version)
    names = classes({*before, *after})
    changes = [
        ClassChange(
            names[code].name if code in names else code, names[code].colour if code in names else UNKNOWN_COLOUR,
            before.get(code, 0.0), after.get(code, 0.0),
        )
        for code in {*before, *after}
        if abs(after.get(code, 0.0) - before.get(code, 0.0)) >= TOLD_FROM_M2
    ]  # fmt: skip
    counts = [
        (_("Zones"), older.zones.count(), version.zones.count()),
        *zip(*finding_counts(older, version), strict=True),
    ]
    return VersionChange(older, sorted(changes, key=lambda c: -abs(c.change_m2)), counts)


def areas(version: PlanVersion) -> dict[str, float]:
    return dict(version.zones.order_by().values_list("code").annotate(Sum("area_m2")))


def finding_counts(older: PlanVersion, newer: PlanVersion) -> tuple[list[Any], list[int], list[int]]:
    """Names of the categories, and how many findings of each the two versions have, without those for the record."""
    categories = list(plain_words.CATEGORIES)
    sides = []
    for version in (older, newer):
        told = version.findings.exclude(severity=Finding.Severity.INFO).order_by()
        found = dict(told.values_list("category").annotate(Count("pk")))
        sides.append([found.get(str(c), 0) for c in categories])
    return [Finding.Category(c).label for c in categories], *sides


def quality(version: PlanVersion) -> list[dict[str, Any]]:
    """Warnings of the file the version came from, counted by rule."""
    if version.upload is None:
        return []
    counts = version.upload.issues.order_by().values("code").annotate(count=Count("pk"))
    return [
        {"code": c["code"], "name": issue_texts.rule(c["code"]), "count": c["count"]} for c in counts.order_by("code")
    ]


@dataclass(frozen=True)
class Act:
    """One line of the history: who, when, what, from which state to which, with which reasons."""

    entry: AuditEntry
    what: str | Promise
    from_state: str | Promise
    to_state: str | Promise
    note: str

    @property
    def details(self) -> list[tuple[str | Promise, Any, Any]]:
        """Each recorded value before and after; what stands in words elsewhere is left out."""
        keys = [k for k in {**self.entry.before, **self.entry.after} if k not in ("state", "note", "text")]
        return [(RECORDED.get(k, k), self.entry.before.get(k), self.entry.after.get(k)) for k in keys]


def history(version: PlanVersion) -> list[Act]:
    """Everything on record about a version, its file and its comments, newest first."""
    about = Q(object_type="planning.PlanVersion", object_id=version.pk)
    about |= Q(object_type="planning.Comment", object_id__in=version.comments.values("pk"))
    about |= Q(object_type="planning.Waiver", object_id__in=version.waivers.values("pk"))
    if version.upload_id:
        about |= Q(object_type="portal.Upload", object_id=version.upload_id)
    return list(acts(AuditEntry.objects.filter(about).select_related("actor")[:ACTS]))


def acts(entries: Iterable[AuditEntry]) -> Iterable[Act]:
    states = dict(State.choices)
    for entry in entries:
        before, after = entry.before.get("state", ""), entry.after.get("state", "")
        note = entry.after.get("note") or entry.after.get("text") or ""
        yield Act(entry, act_text(entry.verb), states.get(before, before), states.get(after, after), str(note))
