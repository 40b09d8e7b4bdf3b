"""What the review page says of the file a version came from and of its history, and its indicators beside those of before."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators import passports
from indicators.models import IndicatorValue, Run
from indicators.passports import Passport
from planning import issue_texts
from planning.models import PlanVersion, State
from planning.step_labels import step_label
from portal import names_shown
from portal.models import AuditEntry

ACTS, ACTS_SHOWN = 200, 40

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
    "decision.dropped": _("Decision letter that was not issued dropped"),
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


@dataclass(frozen=True)
class IndicatorLine:
    """An indicator beside its value in the version before; None where that is not known."""

    row: Passport
    earlier: float | None

    @property
    def change(self) -> float | None:
        """Against the version before."""
        value = self.row.figure.value
        return None if value is None or self.earlier is None else value - self.earlier


def indicator_groups(
    rows: list[Passport], older: PlanVersion | None
) -> list[tuple[str | Promise, list[IndicatorLine]]]:
    """The indicators in the groups of their page, against the newest run of the version before."""
    earlier = {}
    if older is not None:
        last = Run.objects.filter(version=older).order_by("-computed_at").values("pk")[:1]
        earlier = dict(IndicatorValue.objects.filter(run__in=last).values_list("code", "value"))
    return [
        (label, [IndicatorLine(row, earlier.get(row.code)) for row in found])
        for label, found in passports.by_group(rows)
    ]


def history(version: PlanVersion) -> list[Act]:
    """Everything on record about a version, its file and its comments, newest first; not who looked at names."""
    about = Q(object_type="planning.PlanVersion", object_id=version.pk)
    about |= Q(object_type="planning.Comment", object_id__in=version.comments.values("pk"))
    about |= Q(object_type="planning.Waiver", object_id__in=version.waivers.values("pk"))
    if version.upload_id:
        about |= Q(object_type="portal.Upload", object_id=version.upload_id)
    entries = AuditEntry.objects.filter(about).exclude(verb=names_shown.VERB).select_related("actor")
    return list(acts(entries[:ACTS]))


def acts(entries: Iterable[AuditEntry]) -> Iterable[Act]:
    states = dict(State.choices)
    for entry in entries:
        before, after = entry.before.get("state", ""), entry.after.get("state", "")
        note = entry.after.get("note") or entry.after.get("text") or ""
        yield Act(entry, act_text(entry.verb), states.get(before, before), states.get(after, after), str(note))
