"""Taking a comment out of sight (隐藏) and letting out one that was held for a look (先审后发).

Never deleted, still counted, with a reason that everybody reads; its author is told."""

from collections.abc import Iterable
from functools import partial

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from planning import held, participation
from planning.models import MODERATORS, Comment, Held
from planning.participation_names import said_where, shown_name
from portal import notify, people
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.grades import Grade
from portal.models import Role, User
from portal.rules import STAFF, has_role
from portal.written_numbers import starred_numbers

OFFICES = (Role.COMMITTEE, *MODERATORS)
"""those who verify identities or look at comments; only they read whose is not verified"""
REASON_CHARS = 300


def may_moderate(user: User, division_code: str) -> bool:
    return has_role(user, MODERATORS, division_code)


@transaction.atomic
def hide(comment: Comment, *, by: User, reason: str) -> Comment:
    """Take the text of a comment out of public sight; number, place, date and answers stay where they are."""
    comment = locked(comment, by)
    reason = reason.replace("\x00", "").strip()
    if not reason or len(reason) > REASON_CHARS:
        raise PortalError(_("Please give a reason of 1 to 300 characters; everybody will read it."), code="reason")
    if comment.hidden_at:
        raise Conflict(_("The comment is hidden already."), code="hidden")
    comment.hidden_at, comment.hidden_by, comment.hidden_reason = timezone.now(), by, reason
    comment.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    record("comment.hidden", comment, by=by, after={"reason": reason})
    notify.tell(
        [comment.author], "comment_hidden", url=comment.get_absolute_url(),
        once=f"hidden:{comment.pk}:{comment.hidden_at.isoformat()}", plan=comment.version.plan.name, reason=reason,
    )  # fmt: skip
    return comment


@transaction.atomic
def show_again(comment: Comment, *, by: User) -> Comment:
    """Put a hidden comment back into public sight; that it was hidden, and why, stays on record."""
    comment = locked(comment, by)
    if not comment.hidden_at:
        raise Conflict(_("The comment is not hidden."), code="not_hidden")
    before = {"reason": comment.hidden_reason}
    comment.hidden_at, comment.hidden_by, comment.hidden_reason = None, None, ""
    comment.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    record("comment.shown_again", comment, by=by, before=before)
    return comment


@transaction.atomic
def release(comment: Comment, *, by: User) -> Comment:
    """Let out a comment that was held for a look: it is public from now on, and asks for an answer."""
    comment = locked(comment, by)
    if not comment.waits:
        raise Conflict(_("The comment does not wait for a look."), code="not_held")
    if comment.author_id == by.pk:
        raise NotAllowed(_("Nobody lets out a comment of their own."), code="own_comment")
    if not held.known_enough(comment.version, comment.author):
        raise Conflict(
            _("The identity of its author is not verified yet. The village committee or the township verifies it on the page "
              "“Residents”; then a comment that has no words of the list is public by itself."),
            code="identity_open",
        )  # fmt: skip
    return let_out(comment, by)


def let_out(comment: Comment, by: User | None) -> Comment:
    comment.released_at, comment.released_by = timezone.now(), by
    comment.save(update_fields=["released_at", "released_by"])
    record(
        "comment.released",
        comment,
        by=by,
        before={"held": comment.held_why},
        after={"text": starred_numbers(comment.text)},
    )
    notify.tell(
        [comment.author], "comment_released", url=comment.get_absolute_url(),
        once=f"released:{comment.pk}", plan=comment.version.plan.name,
    )  # fmt: skip
    participation.tell_new(comment.version)
    return comment


@people.when_verified
def release_of(user: User) -> None:
    """Comments that waited for nothing but the identity of their author are public when it is known well enough."""
    rows = Comment.objects.waiting().filter(author=user, held_why=Held.IDENTITY)
    for comment in (
        rows.select_for_update(of=("self",)).select_related("version__plan", "author").order_by("created_at")
    ):
        if held.known_enough(comment.version, user):
            let_out(comment, None)


def locked(comment: Comment, by: User) -> Comment:
    """The comment, locked, for somebody who may moderate here."""
    if not may_moderate(by, comment.division_code):
        raise NotAllowed(_("Only the township or the county may hide a comment or show it again."))
    rows = Comment.objects.select_for_update(of=("self",)).select_related("version__plan", "author")
    return rows.get(pk=comment.pk)


def may_read(comment: Comment, reader: User) -> bool:
    """Whether words, photos and what was drawn are for the reader: of a hidden comment only for its author and for staff of
    the division, of one that waits for a look only for its author and for who looks at it."""
    if comment.author_id == reader.pk:
        return True
    if comment.waits:
        return may_moderate(reader, comment.division_code)
    return comment.hidden_at is None or has_role(reader, STAFF, comment.division_code)


def text_for(comment: Comment, reader: User) -> str:
    """The words of a comment, if they are for the reader; with stars for telephone and identity numbers to all but its author
    and those who look at comments."""
    if not may_read(comment, reader):
        return ""
    starred = starred_numbers(comment.text)
    return comment.text if starred == comment.text or reads_numbers(comment, reader) else starred


def reads_numbers(comment: Comment, reader: User) -> bool:
    return comment.author_id == reader.pk or may_moderate(reader, comment.division_code)


def is_starred(comment: Comment, reader: User) -> bool:
    """Whether the reader sees a telephone or identity number where others see stars: told, so that nobody is in doubt."""
    return starred_numbers(comment.text) != comment.text and reads_numbers(comment, reader)


def mark(comments: Iterable[Comment], reader: User) -> None:
    """Give each comment what templates print: the words its reader may see (`shown`), whether others see stars in them
    (`starred`), the name it stands under for the reader (`who`) and for everybody (`public_name`), how it came here (`came`)."""
    for comment in comments:
        comment.shown = text_for(comment, reader)
        # only a page that prints it shows it, and that is on record
        comment.who = SimpleLazyObject(partial(shown_name, comment, reader))
        comment.public_name = shown_name(comment, AnonymousUser())
        comment.came = said_where(comment)
        comment.starred = is_starred(comment, reader)
        comment.told = held.told(comment) if comment.waits and comment.author_id == reader.pk else ""


def unverified(comment: Comment, reader: User) -> bool | None:
    """Whether the identity of the author is not verified; None for whoever may not know: residents and strangers."""
    grade = identity(comment, reader)
    return None if grade is None else grade != Grade.VERIFIED


def identity(comment: Comment, reader: User) -> Grade | None:
    """How far it is known who the author is, for the village's offices; None for residents and strangers.

    Of a comment on behalf of somebody it is the grade of who entered it: an office."""
    if not has_role(reader, OFFICES, comment.division_code):
        return None
    if comment.author_known:
        return Grade.VERIFIED
    return Grade.INVITED if comment.author_invited else Grade.UNVERIFIED
