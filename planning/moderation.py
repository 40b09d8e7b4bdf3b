"""Taking a comment out of sight (隐藏): never deleted, still counted, with a reason that everybody reads; its author is told."""

from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from planning.models import Comment
from portal import notify
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import Role, User
from portal.rules import STAFF, has_role

MODERATORS = (Role.TOWNSHIP, Role.COUNTY_REVIEWER, Role.COUNTY_LEADER)
"""not the committee: it is the one most comments are about"""
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
        [comment.author], "comment_hidden", url=f"{reverse('version', args=[comment.version_id])}#comment-{comment.pk}",
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


def locked(comment: Comment, by: User) -> Comment:
    """The comment, locked, for somebody who may moderate here."""
    if not may_moderate(by, comment.division_code):
        raise NotAllowed(_("Only the township or the county may hide a comment or show it again."))
    rows = Comment.objects.select_for_update(of=("self",)).select_related("version__plan", "author")
    return rows.get(pk=comment.pk)


def text_for(comment: Comment, reader: User) -> str:
    """The words of a comment; of a hidden one only for its author and for staff of the division."""
    if comment.hidden_at is None or comment.author_id == reader.pk or has_role(reader, STAFF, comment.division_code):
        return comment.text
    return ""


def mark(comments: Iterable[Comment], reader: User) -> None:
    """Give each comment the words its reader may see, as `shown`: what templates print."""
    for comment in comments:
        comment.shown = text_for(comment, reader)
