"""Whether a villagers’ assembly was quorate and agreed: computed from its record by the quorum of the procedure."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from planning import procedures
from planning.models import Assembly, Document

# shares of a procedure's quorum, as (part, whole) -> holds
SHARES: dict[str, Callable[[int, int], bool]] = {
    "more_than_half": lambda part, whole: 2 * part > whole,
    "two_thirds": lambda part, whole: 3 * part >= 2 * whole,
}


def share_name(share: str) -> str:
    return {"more_than_half": _("more than half"), "two_thirds": _("two thirds")}[share]


def lacking(assembly: Assembly) -> list[str]:
    """What an assembly lacks: attendance, majority of those present, documents; empty if the village agreed."""
    found = lacking_votes(assembly)
    wanted = procedures.of_version(assembly.version).content["evidence"]["assembly"]
    if absent := absent_kinds(wanted, assembly.documents):
        found.append(_("Documents of the assembly are missing: %(kinds)s.") % {"kinds": _(", ").join(absent)})
    return found


def lacking_votes(assembly: Assembly) -> list[str]:
    """What the vote itself lacks, attendance or majority: without it the village has not agreed (村民会议未通过)."""
    quorum, found = procedures.of_version(assembly.version).content["quorum"][assembly.form], []
    if not SHARES[quorum["present"]](assembly.present, assembly.entitled):
        found.append(
            _("%(present)d of %(entitled)d took part; %(share)s are needed.")
            % {"present": assembly.present, "entitled": assembly.entitled, "share": share_name(quorum["present"])}
        )
    if not SHARES[quorum["favour"]](assembly.in_favour, assembly.present):
        found.append(
            _("%(favour)d of %(present)d present were in favour; %(share)s are needed.")
            % {"favour": assembly.in_favour, "present": assembly.present, "share": share_name(quorum["favour"])}
        )
    return found


def absent_kinds(wanted: list[str], documents: QuerySet[Document]) -> list[str]:
    """Names of the kinds of documents that a procedure asks for and that are not there."""
    there = set(documents.values_list("kind", flat=True))
    return [str(Document.Kind(kind).label) for kind in wanted if kind not in there]


def result(assembly: Assembly) -> dict[str, Any]:
    """The vote counted by the procedure: attendance and majority with the sentence of the law, and what is lacking."""
    quorum = procedures.of_version(assembly.version).content["quorum"][assembly.form]
    return {
        "present": counted(assembly.present, assembly.entitled, quorum["present"]),
        "favour": counted(assembly.in_favour, assembly.present, quorum["favour"]),
        "law": quorum.get("basis", ""),
        "sample": quorum.get("sample", False),
        "rule": sentence(assembly.form, quorum),
        "lacking": lacking(assembly),
    }


def counted(part: int, whole: int, share: str) -> dict[str, Any]:
    """A share with what is needed, as whole people: more than half of 24 are 13."""
    needed = next(n for n in range(whole + 2) if SHARES[share](n, whole)) if whole else 1
    return {
        "part": part, "whole": whole, "needed": needed, "share": share_name(share), "holds": SHARES[share](part, whole),
        "percent": 100 * part / whole if whole else 0.0,
    }  # fmt: skip


def sentences(quorum: dict[str, Any]) -> list[str]:
    """What each form of assembly needs, in words with the law."""
    return [
        _("%(rule)s (%(law)s)") % {"rule": sentence(form, rule), "law": rule.get("basis", "–")}
        for form, rule in quorum.items()
    ]


def sentence(form: str, quorum: dict[str, str]) -> str:
    """The rule of one form of assembly."""
    return _("%(form)s: %(present)s must take part, %(favour)s of those present must agree.") % {
        "form": Assembly.Form(form).label, "present": share_name(quorum["present"]), "favour": share_name(quorum["favour"])
    }  # fmt: skip
