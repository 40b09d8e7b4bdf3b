"""Photographs that go with comments: kept without anything hidden in the file, and seen only where their comment is."""

import hashlib
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from planning.models import MODERATORS, Channel, Comment, Photo, PlanVersion, State
from portal import people
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError, TooLarge
from portal.geo import photos as reading
from portal.geo.reasons import REASONS
from portal.models import User
from portal.resumable import check_room
from portal.rules import has_role
from portal.written_numbers import starred_numbers

MOST = 4
"""photos of one comment"""
MOST_WAITING = 12
"""photos a person has sent without the comment they are for"""
WORDS_CHARS = 200
UNSENT = timedelta(days=1)
"""how long a photo waits for its comment"""


def keep_photo(version: PlanVersion, file: File, *, by: User, words: str = "") -> Photo:
    """Keep a photo for a comment that is still being written: made anew from its pixels, with a small one beside it.

    The same file sent again by the same person is the same photo. PortalError says what is wrong with it.
    """
    check_right(version, by)
    limit = settings.PHOTO_MAX_BYTES
    if file.size > limit:
        raise TooLarge(_("The photo is larger than %(limit)d MB. Please send a smaller one.") % {"limit": limit >> 20})
    check_room(file.size)
    digest = digest_of(file)
    if known := again(version, by, digest, words):
        return known
    check_waiting(by)
    made = made_anew(file)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once: the second finds the first
        if known := again(version, by, digest, words):
            return known
        check_waiting(by)
        row = Photo(
            version=version, by=by, width=made.width, height=made.height, size=len(made.large), digest=digest,
            words=plain_words(words),
        )  # fmt: skip
        try:
            row.file.save("large", ContentFile(made.large), save=False)
            row.small.save("small", ContentFile(made.small), save=False)
            row.save(force_insert=True)
            record("photo.kept", row, by=by, after={"version": version.pk, "size": row.size})
        except BaseException:  # no row will tell of these files
            remove_files(row)
            raise
    return row


def check_right(version: PlanVersion, by: User) -> None:
    """Whoever may comment, or enter comments for others, as long as comments are taken."""
    if not (by.has_perm("planning.comment", version) or by.has_perm("planning.enter_comment", version)):
        raise NotAllowed(_("Please sign in to comment."))
    if version.state not in (State.NOTICE, State.QUALITY_CHECK):
        raise Conflict(_("Comments are taken only while the plan is in public notice."), code="notice_closed")


def check_waiting(by: User) -> None:
    if Photo.objects.filter(by=by, comment=None).count() >= MOST_WAITING:
        raise Conflict(
            _("You have sent %(most)d photos without a comment. Send your comment first, or remove some of them.")
            % {"most": MOST_WAITING}, code="photos_waiting",
        )  # fmt: skip


def digest_of(file: File) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def again(version: PlanVersion, by: User, digest: str, words: str) -> Photo | None:
    """The same file, sent before and still without a comment."""
    row = waiting_of(version, by).filter(digest=digest).first()
    if row and words.strip():
        describe(row, by=by, words=words)
    return row


def made_anew(file: File) -> reading.Made:
    """The file through the jail of uploads."""
    with NamedTemporaryFile(prefix="photo-") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        try:
            return reading.read(copy.name, limits=replace(reading.LIMITS, file_bytes=settings.PHOTO_MAX_BYTES))
        except reading.Refused as refused:
            params = refused.issues[0].params
            said = _(REASONS[params["reason"]]).format(**params)
            raise PortalError(said, code="photo", data={"reason": params["reason"]}) from refused


def plain_words(words: str) -> str:
    """One line that says what a photo shows."""
    words = " ".join(words.replace("\x00", "").split())
    if len(words) > WORDS_CHARS:
        raise PortalError(_("Please say in at most %(most)d characters what the photo shows.") % {"most": WORDS_CHARS}, code="words")  # fmt: skip
    return words


def waiting_of(version: PlanVersion, by: User) -> QuerySet[Photo]:
    """Photos a person has sent for a version whose comment was not sent yet."""
    return Photo.objects.filter(version=version, by=by, comment=None) if by.is_authenticated else Photo.objects.none()


@transaction.atomic
def describe(row: Photo, *, by: User, words: str) -> Photo:
    """Say what a photo shows, for people who do not see it; until its comment is sent."""
    row = own_waiting(row, by)
    row.words = plain_words(words)
    row.save(update_fields=["words"])
    record("photo.described", row, by=by)
    return row


@transaction.atomic
def discard(row: Photo, *, by: User | None) -> None:
    """Take a photo out again whose comment was not sent."""
    row = own_waiting(row, by)
    record("photo.discarded", row, by=by)
    row.delete()
    transaction.on_commit(lambda: remove_files(row))


def own_waiting(row: Photo, by: User | None) -> Photo:
    """The row, locked; it was sent by the person (by nobody: the portal itself) and has no comment."""
    rows = Photo.objects.select_for_update().filter(pk=row.pk, comment=None)
    if found := (rows if by is None else rows.filter(by=by)).first():
        return found
    raise Conflict(_("The photo was sent with its comment and stays with it."), code="photo_sent")


def remove_files(row: Photo) -> None:
    for file in (row.file, row.small):
        if file and file.name:
            file.storage.delete(file.name)


def attach(comment: Comment, ids: list[str], *, by: User) -> None:
    """Give photos that the person sent before to a comment; PortalError if one is not theirs or has a comment already."""
    if len(set(ids)) > MOST:
        raise PortalError(_("A comment takes at most %(most)d photos.") % {"most": MOST}, code="photos")
    rows = Photo.objects.select_for_update().filter(pk__in=ids, by=by, comment=None, version=comment.version_id)
    if len(rows) != len(set(ids)):
        raise PortalError(_("A photo is not there any more; please add it again."), code="photos")
    Photo.objects.filter(pk__in=[row.pk for row in rows]).update(comment=comment)


def may_see(row: Photo, reader: User) -> bool:
    """Whether a photo is for the reader: a waiting one for its sender; of a comment that is hidden or held for a look only
    for its author and for township and county; else for everybody who may see the version."""
    comment = row.comment
    if comment is None:
        return row.by_id == reader.pk
    if comment.author_id == reader.pk or has_role(reader, MODERATORS, comment.division_code):
        return True
    return comment.hidden_at is None and not comment.waits


def is_open(row: Photo) -> bool:
    """Whether everybody who may see the version sees the photo."""
    return row.comment is not None and row.comment.hidden_at is None and not row.comment.waits


def shown(comment: Comment, reader: User) -> list[Photo]:
    """Photos of a comment that its reader may see; what templates/planning/includes/comment_photos.html takes. What they are said
    to show has stars for telephone and identity numbers to all but the comment's author."""
    rows = list(comment.photos.all())
    for row in rows:
        row.comment = comment  # with its version, already read
        if comment.author_id != reader.pk:
            row.words = starred_numbers(row.words)
    return [row for row in rows if may_see(row, reader)]


# --- what goes


def sweep() -> int:
    """Remove photos whose comment was not sent within a day, and files that no row tells of; returns how many."""
    removed = 0
    for row in Photo.objects.filter(comment=None, at__lt=timezone.now() - UNSENT).order_by("at"):
        try:
            discard(row, by=None)
            removed += 1
        except Conflict:  # its comment was sent meanwhile
            continue
    return removed + sweep_files()


def sweep_files() -> int:
    """Files that a killed process left before it could write their row: nobody could ask for them, or erase them."""
    before = time.time() - UNSENT.total_seconds()
    old = [path for path in (Path(settings.MEDIA_ROOT) / "photos").glob("*/*.jpg") if path.stat().st_mtime < before]
    removed = 0
    for start in range(0, len(old), 500):
        names = {path: path.stem.removesuffix("-small") for path in old[start : start + 500]}
        known = set(Photo.objects.filter(pk__in=names.values()).values_list("pk", flat=True))
        for path in (path for path, name in names.items() if name not in known):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


@people.when_erased
def forget_photos(user: User) -> None:
    """Whoever closes the account takes the pictures along; that a comment had a photo stays, as its words do. Photos of what
    was entered for others belong to the record of the meeting."""
    for row in Photo.objects.filter(by=user, comment=None):
        discard(row, by=user)
    sent = Photo.objects.filter(Q(comment__channel=Channel.PORTAL), by=user).exclude(size=0)
    rows = list(sent.select_for_update(of=("self",)))
    sent.update(size=0, words="", digest="")
    for row in rows:
        record("photo.erased", row, by=user)
        transaction.on_commit(lambda row=row: remove_files(row))
