"""Proofs of a step (佐证材料): the villagers' first round, the assembly and its votes, and the documents of both.

What was recorded is never changed; a mistake is put right by another record, and the newest of an assembly counts.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from planning import documents
from planning.models import Assembly, Document, PlanVersion, State, VillagerRound
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User

MOST_FILES = 20  # of one record at once
MOST_DOCUMENTS = 200  # of a version
Given = Sequence[tuple[str, File]]
"""kinds of documents with their files"""


def record_round(
    version: PlanVersion, *, by: User, form: str, held_on: date, people: int, summary: str, files: Given = ()
) -> VillagerRound:
    """Write down the first round: a meeting, a questionnaire or visits, with what was said and what proves it."""
    with recording(version, "planning.record_round", State.ROUND1, by) as held:
        checked_day(held_on)
        row = VillagerRound(
            version=held, form=known(VillagerRound.Form, form), held_on=held_on, people=people, by=by,
            summary=words(summary, _("Please write down what was said, in 1 to 5000 characters.")),
        )  # fmt: skip
        if people < 1:
            raise PortalError(_("At least one person must have taken part."), code="people")
        row.save(force_insert=True)
        told = {"form": form, "held_on": held_on.isoformat(), "people": people}
        kept(held, files, by=by, round=row)
        record("round.recorded", held, by=by, after={"round": row.pk, **told, "documents": len(files)})
    return row


def record_assembly(
    version: PlanVersion, *, by: User, form: str, held_on: date, place: str, entitled: int, present: int,
    in_favour: int, against: int, abstained: int, summary: str, files: Given = (),
) -> Assembly:  # fmt: skip
    """Write down the vote of the village on this version, with minutes and photographs; the portal counts the quorum."""
    with recording(version, "planning.record_assembly", State.ASSEMBLY, by) as held:
        checked_day(held_on)
        if held_on < timezone.localdate(held.created_at):
            raise PortalError(_("The assembly cannot have voted before the version was handed in."), code="held_on")
        counts = {
            "entitled": entitled, "present": present, "in_favour": in_favour, "against": against, "abstained": abstained
        }  # fmt: skip
        checked_counts(**counts)
        row = Assembly(
            version=held, form=known(Assembly.Form, form), held_on=held_on, place=one_line(place), by=by, **counts,
            summary=words(summary, _("Please write down the resolution, in 1 to 5000 characters.")),
        )  # fmt: skip
        row.save(force_insert=True)
        kept(held, files, by=by, assembly=row)
        told = {"assembly": row.pk, "form": form, "held_on": held_on.isoformat(), **counts, "documents": len(files)}
        record("assembly.recorded", held, by=by, after=told)
    return row


def add_documents(record_of: VillagerRound | Assembly, files: Given, *, by: User) -> list[Document]:
    """Add documents that were missing to a record of a round or an assembly, while its step has not been left."""
    owner = "round" if isinstance(record_of, VillagerRound) else "assembly"
    state = State.ROUND1 if owner == "round" else State.ASSEMBLY
    if not files:
        raise PortalError(_("Choose a file."), code="files")
    with recording(record_of.version, f"planning.record_{owner}", state, by) as held:
        return kept(held, files, by=by, **{owner: record_of})


@contextmanager
def recording(version: PlanVersion, permission: str, state: State, by: User) -> Iterator[PlanVersion]:
    """The version, locked in the state in which this proof is recorded; files of a record that fails are swept."""
    if not by.has_perm(permission, version):
        raise NotAllowed(_("Your role may not record this for the village."))
    stored: list[Path] = []
    try:
        with transaction.atomic():
            held = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
            if held.state != state:
                raise Conflict(
                    _("This is recorded while the version is “%(wanted)s”; it is “%(state)s” now.")
                    % {"wanted": state.label, "state": held.get_state_display()},
                    code="wrong_state",
                )
            held.stored_files = stored
            yield held
    except BaseException:  # no row will tell of these files
        for path in stored:
            shutil.rmtree(path.parent, ignore_errors=True)
        raise


def kept(version: PlanVersion, files: Given, *, by: User, **owner: Any) -> list[Document]:
    """Keep documents, each in a folder of its own under a name of ours; their kind is told by their bytes."""
    if len(files) > MOST_FILES or version.documents.count() + len(files) > MOST_DOCUMENTS:
        raise PortalError(
            _("At most %(files)d files at once, and %(documents)d for a version.")
            % {"files": MOST_FILES, "documents": MOST_DOCUMENTS},
            code="files",
        )
    rows = []
    for kind, file in files:
        sha256 = documents.checked(file)
        row = Document(version=version, kind=known(Document.Kind, kind), size=file.size, sha256=sha256, by=by, **owner)
        row.name = one_line(Path(file.name or "").name)[:200] or str(row.get_kind_display())
        row.file.save(f"{row.pk}/document", file, save=False)
        version.stored_files.append(Path(row.file.path))
        row.save(force_insert=True)
        record("document.added", version, by=by, after={"document": row.pk, "kind": kind, "sha256": sha256})
        rows.append(row)
    return rows


def checked_day(day: date) -> None:
    if day > timezone.localdate():
        raise PortalError(_("The day lies in the future."), code="held_on")


def checked_counts(*, entitled: int, present: int, in_favour: int, against: int, abstained: int) -> None:
    """Figures that fit together; PortalError says which do not."""
    if entitled < 1:
        raise PortalError(_("Somebody must be entitled to take part."), code="entitled")
    if present > entitled:
        raise PortalError(_("More were present than are entitled to take part."), code="present")
    if in_favour + against + abstained > present:
        raise PortalError(_("More votes than people present."), code="in_favour")


def known(choices: Any, value: str) -> str:
    if value not in choices.values:
        raise PortalError(_("“%(value)s” is not known here.") % {"value": value}, code="choice")
    return value


def words(text: str, otherwise: str) -> str:
    """A text as it is kept: 1 to 5000 characters."""
    text = text.replace("\x00", "").strip()
    if not text or len(text) > 5000:
        raise PortalError(otherwise, code="summary")
    return text


def one_line(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()[:100]
