"""Official answers (答复) to comments: to one, or one answer to several at once (归并答复), each with what became of it (采纳情况).

Answers are public at once, stay and are never changed; the last one counts.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning.models import Adoption, Channel, Comment, PlanVersion, Reply
from portal import notify
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.ids import new_id
from portal.models import User

TEXT_CHARS = 2000
MOST_AT_ONCE = 200
NONE, BEFORE, EARLIER, WITHHELD = "none", "answered", "earlier", "withheld"
STATES: dict[str, Any] = {
    **dict(Adoption.choices),
    NONE: gettext_lazy("Not answered yet"),
    # of answers from before the state was asked for, of comments of another consultation, of what was never let out
    BEFORE: gettext_lazy("Answered"),
    EARLIER: gettext_lazy("Heard in an earlier consultation"),
    WITHHELD: gettext_lazy("Never public"),
}
"""every comment that does not wait for a look is in exactly one of them"""
SETTLED = (Adoption.ADOPTED, Adoption.PARTLY, Adoption.NOT_ADOPTED, Adoption.EXPLAINED, BEFORE)
"""the states of a comment that is answered"""


def may_answer(user: User, version: PlanVersion) -> bool:
    """The village committee, its planner and the township answer in public (role table of section 7 of the domain reference)."""
    return user.has_perm("planning.reply", version)


@transaction.atomic
def answer(comment: Comment, *, by: User, text: str, adoption: str) -> Reply:
    """Answer a comment officially and say what became of it; every answer stays and is public."""
    return answer_many([comment], by=by, text=text, adoption=adoption)[0]


@transaction.atomic
def answer_many(comments: Sequence[Comment], *, by: User, text: str, adoption: str) -> list[Reply]:
    """Give several comments of one version the same answer: all of them, or none. The authors are told.

    The answer that a comment has already, word for word from the same person, is not given twice: that is a second click.
    """
    text, adoption = checked(text, adoption)
    ids = list(dict.fromkeys(comment.pk for comment in comments))
    check_count(len(ids))
    rows = (
        Comment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("author", "version__plan")
        .prefetch_related("supports__user")
    )
    found = sorted(rows.filter(pk__in=ids).order_by("pk"), key=lambda comment: ids.index(comment.pk))
    for comment in found:
        check_answerable(comment, by)
    if len({comment.version_id for comment in found}) > 1:
        raise PortalError(_("One answer is for comments on one version."), code="comments")
    batch = new_id() if len(found) > 1 else ""
    return [known(comment, by, text, adoption) or write(comment, by, text, adoption, batch) for comment in found]


def named(version: PlanVersion, ids: Sequence[str]) -> list[Comment]:
    """The comments of a version that are named; one that is not there refuses them all."""
    wanted = list(dict.fromkeys(ids))
    check_count(len(wanted))
    found = {row.pk: row for row in version.comments.filter(pk__in=[pk for pk in wanted if "\x00" not in pk])}
    if len(found) != len(wanted):
        raise PortalError(_("One of the comments is not one on this version."), code="comments")
    return [found[pk] for pk in wanted]


def check_count(count: int) -> None:
    if not 1 <= count <= MOST_AT_ONCE:
        raise PortalError(_("Please choose 1 to %(limit)d comments.") % {"limit": MOST_AT_ONCE}, code="comments")


def checked(text: str, adoption: str) -> tuple[str, str]:
    """Text and state as they are kept. What is not adopted is given a reason: that is the text."""
    if adoption not in Adoption.values:
        raise PortalError(
            _(
                "Please say what becomes of the comment: adopted, partly adopted, not adopted, explained, or answered later."
            ),
            code="adoption",
        )
    text = text.replace("\x00", "").strip()
    if not text and adoption in (Adoption.NOT_ADOPTED, Adoption.PARTLY):
        raise PortalError(_("Please give the reason why it is not adopted, or only partly."), code="text")
    if not text or len(text) > TEXT_CHARS:
        raise PortalError(_("Please write an answer of 1 to 2000 characters."), code="text")
    return text, adoption


def check_answerable(comment: Comment, by: User) -> None:
    if not by.has_perm("planning.reply", comment):
        raise NotAllowed(_("Only the village committee, its planner or the township may answer."))
    if comment.waits:
        raise Conflict(_("The comment is not public yet: it waits for a look. Let it out first."), code="held")


def known(comment: Comment, by: User, text: str, adoption: str) -> Reply | None:
    last = comment.replies.order_by("created_at", "pk").last()
    return last if last and (last.author_id, last.text, last.adoption) == (by.pk, text, adoption) else None


def write(comment: Comment, by: User, text: str, adoption: str, batch: str) -> Reply:
    row = Reply.objects.create(comment=comment, author=by, text=text, adoption=adoption, batch=batch)
    together = {"batch": batch} if batch else {}
    record("comment.answered", comment, by=by, after={"text": text, "adoption": adoption, **together})
    address, plan = comment.get_absolute_url(), comment.version.plan.name
    if comment.author_id != by.pk:
        notify.tell([comment.author], "comment_answered", url=address, plan=plan)
    supporters = [support.user for support in comment.supports.all() if support.user_id != by.pk]
    notify.tell(supporters, "supported_answered", url=address, plan=plan)
    return row


def state_of(last: str | None, channel: str, *, never_public: bool) -> str:
    """The one state of a comment: `last` is that of its last answer (empty: not asked for then), None without one."""
    if last is not None:
        return last or BEFORE
    if channel == Channel.IMPORT:
        return EARLIER
    return WITHHELD if never_public else NONE


def state(comment: Comment) -> str:
    last = comment.last_reply
    never = comment.held_at is not None and comment.released_at is None
    return state_of(last.adoption if last else None, comment.channel, never_public=never)
