"""Looking at several held comments at once (先审后发): let out together, or taken out of sight together with one reason.

A flood of comments of unknown people must not hold up a plan for as long as it takes to deal with each on a page of its own; nor
may one be passed over, so that each is still a comment let out or hidden, on record and told to its author.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning import answering, answers, moderation
from planning.models import Comment, PlanVersion
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User


class Verdict(TextChoices):
    """What is made of comments that were looked at."""

    RELEASE = "release", gettext_lazy("Let them out: everybody reads them, and they are answered")
    HIDE = "hide", gettext_lazy("Hide them, with a reason that everybody reads")


def held_comments(version: PlanVersion, user: User) -> list[Comment]:
    """Comments of a version that wait for a look, what is due first at the top, with what the page says of each."""
    rows = version.comments.waiting().for_page().select_related("version__plan").order_by("look_by", "created_at")
    found, numbers = list(rows[: answers.MOST_AT_ONCE]), answering.numbered(version)
    moderation.mark(found, user)
    for comment in found:
        comment.number = numbers[comment.pk]
    return found


@transaction.atomic
def look_at(version: PlanVersion, ids: Sequence[str], *, by: User, verdict: str, reason: str = "") -> list[Comment]:
    """Let out or hide comments of a version that wait for a look: all of them, or none. What refuses one is said with its number."""
    if not moderation.may_moderate(by, version.division_code):
        raise NotAllowed(_("Only the township or the county looks at comments before they are public."))
    if verdict not in Verdict.values:
        raise PortalError(_("Please say whether they are let out or hidden."), code="verdict")
    numbers = answering.numbered(version)
    done = []
    for comment in sorted(answers.named(version, ids), key=lambda comment: numbers[comment.pk]):
        try:
            done.append(looked_at(comment, by, verdict, reason))
        except PortalError as error:
            said = {"number": numbers[comment.pk], "text": error.message}
            raise type(error)(_("Comment %(number)d: %(text)s") % said, code=error.code) from error
    return done


def looked_at(comment: Comment, by: User, verdict: str, reason: str) -> Comment:
    if verdict == Verdict.RELEASE:
        return moderation.release(comment, by=by)
    if not comment.waits:
        raise Conflict(_("The comment does not wait for a look."), code="not_held")
    return moderation.hide(comment, by=by, reason=reason)
