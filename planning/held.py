"""Comments that wait for a look before the public reads them (先审后发): which are held and why, and the words that hold them.

Nothing is dropped: what is held is kept as it was written, its author sees that it waits, it is counted in public, and
township or county let it out or hide it with a reason (planning.moderation).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning import procedures
from planning.models import MODERATORS, Comment, Held, PlanVersion, WatchedWord
from portal import grades, workdays
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.folding import fold
from portal.grades import Grade
from portal.models import Role, User
from portal.models.accounts import division_prefix
from portal.rules import has_role, prefixes

LISTERS = (*MODERATORS, Role.ADMINISTRATOR)
"""who keeps the list of words of a division"""
ONLY_LISTERS = gettext_lazy("Only the township, the county or its administrator keeps the list of words.")
WORD_CHARS, SOURCE_CHARS, SHORTEST = 40, 200, 2


def words_in(text: str, division_code: str) -> list[str]:
    """Words of the lists of a division and those above it that a text has, also split or written with look-alikes."""
    folded = fold(text)
    listed = WatchedWord.objects.filter(ended_at=None)
    return [
        row.word for row in listed
        if fold(row.word) in folded and (not row.division_code or division_code.startswith(division_prefix(row.division_code)))
    ]  # fmt: skip


def asks_identity(version: PlanVersion) -> bool:
    """Whether here the public reads a comment at once only from a certain grade of its author's identity on."""
    return procedures.of_version(version).comments["first_look"] == "unverified"


def needed_grade(version: PlanVersion) -> str:
    """From which grade of identity on (portal.grades) a comment is public at once; an edition that says nothing means verified."""
    return procedures.of_version(version).comments.get("identity", Grade.VERIFIED)


def known_enough(version: PlanVersion, author: User) -> bool:
    """Whether the author's identity is as sure as this place wants it."""
    return not asks_identity(version) or grades.of(author, version.division_code).reaches(needed_grade(version))


def why(version: PlanVersion, by: User, text: str) -> dict[str, Any]:
    """Fields of a comment that is held; empty if the public reads it at once."""
    rule = procedures.of_version(version).comments
    if found := words_in(text, version.division_code):
        reason = Held.WORDS
    elif rule["first_look"] == "all":
        reason = Held.ALL
    elif not known_enough(version, by):
        reason = Held.IDENTITY
    else:
        return {}
    look_by = workdays.add(timezone.localdate(), rule["look_within"], version.division_code)
    return {"held_at": timezone.now(), "held_why": reason, "held_words": "、".join(found)[:300], "look_by": look_by}


def why_each(version: PlanVersion, by: User, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The same for many comments that one person brings in."""
    # what holds no listed word as a whole holds none in its parts: then the list is read once
    if not texts or not why(version, by, "\n".join(texts)):
        return [{} for _text in texts]
    return [why(version, by, text) for text in texts]


def told(comment: Comment) -> str:
    """What its author is told of a comment that waits, at once and wherever it stands."""
    if comment.held_why == Held.IDENTITY:
        verified = _(
            "Your comment is kept. It becomes public when your identity is verified: please give your name and identity "
            "number under “My data”, and show your card to the village committee or the township."
        )
        if needed_grade(comment.version) == Grade.INVITED:
            code = _(
                "Quicker: enter the code of your household at “Join with a code”; the village committee has printed one for "
                "each household."
            )
            return f"{verified} {code}"
        return verified
    return _(
        "Your comment is kept. Somebody of the township or the county looks at it before it is public, within %(days)d "
        "working days; you are told what became of it."
    ) % {"days": procedures.of_version(comment.version).comments["look_within"]}


def told_of_numbers() -> str:
    """What is said at once and wherever it stands of a comment that has a telephone or identity number."""
    return _("This comment has a telephone or identity number; others see stars.")


# --- the list of words


def divisions(user: User) -> list[str]:
    """Codes of the divisions whose list the person keeps."""
    return sorted({prefix.ljust(12, "0") for prefix in prefixes(user, LISTERS)})


def listed_for(user: User) -> list[WatchedWord]:
    """Words that hold comments in the person's divisions: their own, those above and those below; the ended ones too."""
    own = prefixes(user, LISTERS)
    rows = WatchedWord.objects.select_related("listed_by", "ended_by")
    return [
        row for row in rows
        if any(division_prefix(row.division_code).startswith(p) or p.startswith(division_prefix(row.division_code)) for p in own)
    ]  # fmt: skip


def may_list(user: User, division_code: str) -> bool:
    return bool(division_code) and has_role(user, LISTERS, division_code)


@transaction.atomic
def list_word(*, by: User, word: str, division_code: str, source: str, listed_on: date) -> WatchedWord:
    """Put a word on the list of a division, with the document it is from and the day of that document."""
    if not may_list(by, division_code):
        raise NotAllowed(ONLY_LISTERS)
    word, source = word.replace("\x00", "").strip(), source.replace("\x00", "").strip()
    if len(fold(word)) < SHORTEST or len(word) > WORD_CHARS:
        raise PortalError(
            _("Please write a word of %(least)d to %(most)d characters.") % {"least": SHORTEST, "most": WORD_CHARS},
            code="word",
        )
    if not source or len(source) > SOURCE_CHARS:
        raise PortalError(_("Please say which document the word is from."), code="source")
    if listed_on > timezone.localdate():
        raise PortalError(_("The day lies in the future."), code="listed_on")
    try:
        with transaction.atomic():
            row = WatchedWord.objects.create(
                word=word, division_code=division_code, source=source, listed_on=listed_on, listed_by=by
            )
    except IntegrityError:
        raise Conflict(_("The word is on the list already."), code="listed") from None
    record("word.listed", row, by=by, after={"word": word, "division": division_code, "source": source})
    return row


@transaction.atomic
def end_word(row: WatchedWord, *, by: User) -> WatchedWord:
    """Take a word off the list; it stays on record, and what it held goes on waiting for a look."""
    row = WatchedWord.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if not may_list(by, row.division_code):
        raise NotAllowed(ONLY_LISTERS)
    if row.ended_at:
        raise Conflict(_("The word is off the list already."), code="ended")
    row.ended_at, row.ended_by = timezone.now(), by
    row.save(update_fields=["ended_at", "ended_by"])
    record("word.ended", row, by=by, before={"word": row.word})
    return row
