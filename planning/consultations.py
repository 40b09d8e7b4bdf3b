"""Earlier consultations (意见征集) taken in from a file: all of it or nothing, by page, API or command.

Their comments are marked, count apart from those of the notice and block no step: they were heard elsewhere. They can be
answered here. What their moderator had taken away stays out unless somebody says otherwise, and is counted either way.
"""

import datetime
import hashlib
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core import signing
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning import held, participation
from planning.consultation_tables import LEFT_OUT, LIMITS, Fault, Row, Table, pseudonyms, read
from planning.models import MODERATORS, Channel, Comment, Consultation, PlanVersion, State, Zone
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError, TooLarge
from portal.ids import new_id
from portal.models import User
from portal.models.parts import parts_folder
from portal.resumable import check_room

TITLE_CHARS, SOURCE_CHARS = 200, 300
OPEN = (State.DRAFT, State.ROUND1, State.JOINT_REVIEW, State.ASSEMBLY, State.NOTICE, State.QUALITY_CHECK)
"""until the plan is submitted"""
FAULTS_TOLD = 100
FIRST = 5
"""comments of a consultation that the page of a version shows at once"""
KEPT_FOR = datetime.timedelta(hours=1)
"""how long a file waits between looking and taking in; portal.resumable sweeps older ones"""
SALT = "consultation"
ONLY = gettext_lazy(
    "Only the village committee, the township or a reviewer of the county takes in an earlier consultation."
)


class Faulty(PortalError):
    """The file cannot be taken in; `data["faults"]` name row, column and reason."""

    code = "table"

    def __init__(self, faults: list[Fault]) -> None:
        told = [fault.as_json() for fault in faults[:FAULTS_TOLD]]
        more = len(faults) - 1
        message = str(faults[0])
        if more:
            message = format_lazy("{} {}", message, _("(and %(count)d more)") % {"count": more})
        super().__init__(message, data={"faults": told, "count": len(faults)})


def may_take_in(user: User, version: PlanVersion) -> bool:
    return user.has_perm("planning.take_in_consultation", version)


def look_at(
    version: PlanVersion, file: File, *, by: User | None, columns: dict[str, str] | None = None, rejected: bool = False,
    encoding: str = "",
) -> Table:  # fmt: skip
    """What taking the file in would do: its columns, its first rows, what is left out, what is wrong. Nothing is stored."""
    check_right(version, by)
    return looked(version, file, columns, rejected, encoding)[0]


def take_in(
    version: PlanVersion, file: File, *, by: User, title: str, source: str, columns: dict[str, str] | None = None,
    rejected: bool = False, encoding: str = "",
) -> Consultation:  # fmt: skip
    """Take in the comments of a file, or none: Faulty says row by row what is wrong. Comments are never deleted, so this
    cannot be undone. `rejected`: those that its moderator had taken away too."""
    check_right(version, by)
    title, source = words(title, TITLE_CHARS, "title"), words(source, SOURCE_CHARS, "source")
    table, digest = looked(version, file, columns, rejected, encoding)
    if table.faults:
        raise Faulty(table.faults)
    with transaction.atomic():
        version = PlanVersion.objects.select_for_update(of=("self",)).with_plan().get(pk=version.pk)
        check_right(version, by)
        days = [row.said_on for row in table.rows if row.said_on]
        consultation = Consultation(
            version=version, title=title, source=source, by=by, file_digest=digest, file_name=Path(file.name or "").name[:200],
            held_from=min(days, default=None), held_to=max(days, default=None),
        )  # fmt: skip
        store(consultation)
        comments = Comment.objects.bulk_create(made(consultation, table.rows), batch_size=500)
        waiting = sum(comment.waits for comment in comments)
        consultation.counts = {
            "read": table.read, "taken": len(comments), "left_out": table.left_out, "twice": len(table.twice), "held": waiting,
        }  # fmt: skip
        consultation.save(update_fields=["counts"])
        record(
            "consultation.taken_in",
            consultation,
            by=by,
            after={"version": version.pk, "title": title, **consultation.counts},
        )
        if waiting:
            participation.tell(
                MODERATORS,
                version,
                "comment_held",
                str(timezone.localdate()),
                day=max(c.look_by for c in comments if c.waits),
            )
    return consultation


def check_right(version: PlanVersion, by: User | None) -> None:
    if by is None or not may_take_in(by, version):
        raise NotAllowed(ONLY)
    if version.state not in OPEN:
        raise Conflict(
            _("An earlier consultation is taken in before the plan is submitted for approval."), code="state"
        )


def words(text: str, most: int, code: str) -> str:
    text = " ".join(text.replace("\x00", "").split())
    if not text or len(text) > most:
        said = {
            "title": _("Please say how the consultation was called, in at most %(most)d characters."),
            "source": _(
                "Please say where the file comes from and under which licence, in at most %(most)d characters."
            ),
        }
        raise PortalError(said[code] % {"most": most}, code=code)
    return text


def looked(
    version: PlanVersion, file: File, columns: dict[str, str] | None, rejected: bool, encoding: str
) -> tuple[Table, str]:  # fmt: skip
    """The table with what does not fit the version, and the digest of the file."""
    if file.size > LIMITS.file_bytes:
        raise TooLarge(_("The file is larger than %(limit)d MB.") % {"limit": LIMITS.file_bytes >> 20})
    digest = hashlib.sha256()
    with NamedTemporaryFile(prefix="consultation-") as copy:
        for chunk in file.chunks():
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        if known := version.consultations.filter(file_digest=digest.hexdigest()).first():
            raise taken_already(known)
        table = read(Path(copy.name), file.name or "", encoding=encoding, columns=columns, rejected=rejected)
    table.faults += places_wrong(version, table.rows)
    if not table.rows and not table.faults:
        table.faults.append(Fault(None, "", "", _("The table has no comment that could be taken in.")))
    return table, digest.hexdigest()


def taken_already(known: Consultation) -> Conflict:
    said = _("This file was taken in already, as “%(title)s” on %(day)s.")
    day = timezone.localdate(known.at).isoformat()
    return Conflict(said % {"title": known.title, "day": day}, code="known", data={"consultation": known.pk})


def store(consultation: Consultation) -> None:
    try:
        with transaction.atomic():
            consultation.save(force_insert=True)
    except IntegrityError as error:
        if "consultation_file_once" not in str(error):
            raise
        rows = Consultation.objects.filter(version=consultation.version, file_digest=consultation.file_digest)
        raise taken_already(rows.get()) from error


def places_wrong(version: PlanVersion, rows: list[Row]) -> list[Fault]:
    """Zones the version does not have, and places out of the village."""
    zones = zones_of(version, rows)
    faults = []
    for row in rows:
        if row.zone is not None and row.zone not in zones:
            said = _("This version has no zone %(number)s.") % {"number": row.zone}
            faults.append(Fault(row.number, "", "", said))
        try:
            participation.place_in(version, row.lon, row.lat)
        except PortalError as error:
            faults.append(Fault(row.number, "", "", str(error.message)))
    return faults


def zones_of(version: PlanVersion, rows: list[Row]) -> dict[int, Zone]:
    numbers = {row.zone for row in rows if row.zone is not None}
    return {zone.number: zone for zone in version.zones.filter(number__in=numbers).only("number")} if numbers else {}


def made(consultation: Consultation, rows: list[Row]) -> list[Comment]:
    """Comments as they are stored, in the order of the file; what has words of the list is held for a look as ever."""
    version = consultation.version
    zones, speakers = zones_of(version, rows), pseudonyms(rows)
    reasons = held.why_each(version, consultation.by, [row.text for row in rows])
    return [
        Comment(
            version=version, author=consultation.by, channel=Channel.IMPORT, consultation=consultation, text=row.text,
            speaker=speakers.get(row.author, ""), said_on=row.said_on, agreed_before=row.agrees, disagreed_before=row.disagrees,
            zone=zones.get(row.zone) if row.zone else None, geom=participation.place_in(version, row.lon, row.lat),
            theme=row.theme, **reason,
        )
        for row, reason in zip(rows, reasons, strict=True)
    ]  # fmt: skip


def left_out_words(counts: dict[str, int]) -> list[str]:
    """Why rows were left out, in words: "105 taken away by the moderator of that consultation"."""
    return [_(LEFT_OUT[reason]) % {"count": count} for reason, count in counts.items()]


# --- between looking and taking in


def keep(version: PlanVersion, file: File, *, by: User) -> str:
    """Keep a file for an hour, so that a person can look first; the answer is what brings it back, for that person alone."""
    check_right(version, by)
    check_room(file.size)
    name = f"{new_id()}.consultation"
    with (parts_folder() / name).open("wb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
    return signing.dumps({"file": name, "name": (file.name or "")[:200], "by": by.pk, "version": version.pk}, salt=SALT)


def kept(version: PlanVersion, token: str, *, by: User) -> File:
    """The file that `keep` put aside."""
    again = PortalError(_("The file is not here any more. Please choose it again."), code="file")
    try:
        said = signing.loads(token, salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        raise again from None
    path = parts_folder() / said["file"]
    if said["by"] != by.pk or said["version"] != version.pk or not path.is_file():
        raise again
    return File(path.open("rb"), name=said["name"])


def forget(file: File) -> None:
    """The kept file is not needed any more."""
    path = Path(file.file.name)
    file.close()
    path.unlink(missing_ok=True)


# --- what is shown


def of_version(version: PlanVersion) -> QuerySet[Consultation]:
    """Consultations of a version with the number of their public comments."""
    public = Count("comments", filter=~Q(comments__in=Comment.objects.waiting()))
    return version.consultations.select_related("by").annotate(public=public)


def comments_of(consultation: Consultation, reader: User) -> QuerySet[Comment]:
    """What the reader may see of a consultation, what most agreed to first."""
    rows = Comment.objects.for_page().seen_by(reader).filter(consultation=consultation)
    return rows.order_by(F("agreed_before").desc(), "disagreed_before", "pk")


def sample(version: PlanVersion, reader: User) -> list[dict[str, Any]]:
    """For the page of a version: each consultation with the comments that most agreed to."""
    return [
        {"consultation": row, "comments": list(comments_of(row, reader)[:FIRST]), "more": max(0, row.public - FIRST)}
        for row in of_version(version)
    ]
