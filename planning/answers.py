"""Official answers (答复) to comments: to one, or one answer to several at once (归并答复), each with what became of it (采纳情况).

Answers are public at once, stay and are never changed; the last one counts.
"""

from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from planning.models import Adoption, Comment, PlanVersion, Reply
from portal import notify
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.ids import new_id
from portal.models import User

TEXT_CHARS = 2000
MOST_AT_ONCE = 200


def may_answer(user: User, version: PlanVersion) -> bool:
    """The village committee and the township answer in public."""
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
    if not ids or len(ids) > MOST_AT_ONCE:
        raise PortalError(_("Please choose 1 to %(limit)d comments.") % {"limit": MOST_AT_ONCE}, code="comments")
    rows = Comment.objects.select_for_update(of=("self",), no_key=True).select_related("author", "version__plan")
    found = sorted(rows.filter(pk__in=ids).order_by("pk"), key=lambda comment: ids.index(comment.pk))
    for comment in found:
        check_answerable(comment, by)
    if len({comment.version_id for comment in found}) > 1:
        raise PortalError(_("One answer is for comments on one version."), code="comments")
    batch = new_id() if len(found) > 1 else ""
    return [known(comment, by, text, adoption) or write(comment, by, text, adoption, batch) for comment in found]


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
        raise NotAllowed(_("Only the village committee or the township may answer."))
    if comment.waits:
        raise Conflict(_("The comment is not public yet: it waits for a look. Let it out first."), code="held")


def known(comment: Comment, by: User, text: str, adoption: str) -> Reply | None:
    last = comment.replies.order_by("created_at", "pk").last()
    return last if last and (last.author_id, last.text, last.adoption) == (by.pk, text, adoption) else None


def write(comment: Comment, by: User, text: str, adoption: str, batch: str) -> Reply:
    row = Reply.objects.create(comment=comment, author=by, text=text, adoption=adoption, batch=batch)
    together = {"batch": batch} if batch else {}
    record("comment.answered", comment, by=by, after={"text": text, "adoption": adoption, **together})
    if comment.author_id != by.pk:
        page = f"{reverse('version', args=[comment.version_id])}#comment-{comment.pk}"
        notify.tell([comment.author], "comment_answered", url=page, plan=comment.version.plan.name)
    return row
