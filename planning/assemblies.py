"""Whether a villagers’ assembly was quorate and agreed: computed from its record by the quorum of the procedure."""

from collections.abc import Callable

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
    content = procedures.of_version(assembly.version).content
    quorum, found = content["quorum"][assembly.form], []
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
    there = set(assembly.documents.values_list("kind", flat=True))
    absent = [str(Document.Kind(kind).label) for kind in content["evidence"]["assembly"] if kind not in there]
    if absent:
        found.append(_("Documents of the assembly are missing: %(kinds)s.") % {"kinds": _(", ").join(absent)})
    return found
