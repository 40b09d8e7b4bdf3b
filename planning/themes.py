"""What comments are about (主题): guessed by words, put right by whoever answers. The list is data (planning/data/themes.json)."""

import json
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from planning.models import Comment
from portal.audit import record
from portal.errors import NotAllowed, PortalError
from portal.models import User

FILE = Path(__file__).resolve().parent / "data" / "themes.json"
OTHER = "other"
FIRST_CHARS = 600


@dataclass(frozen=True)
class Theme:
    """A theme with its names and the words by which it is guessed."""

    code: str
    zh: str
    en: str
    zh_words: tuple[str, ...]
    en_words: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.en if get_language() == "en" else self.zh


@cache
def content() -> dict[str, Any]:
    """The file as it is shipped: edition, date, source, whether it is a sample, and the themes."""
    return json.loads(FILE.read_text("utf-8"))


@cache
def listed() -> dict[str, Theme]:
    """Code -> theme, in the order of the file; the last one is what fits nowhere else."""
    rows = content()["themes"]
    return {
        row["code"]: Theme(row["code"], row["zh"], row["en"], tuple(row["zh_words"]), tuple(row["en_words"]))
        for row in rows
    }


@cache
def words_by_first() -> dict[str, list[tuple[str, str, bool]]]:
    """First character -> words that begin with it, long ones first: word, theme, whether it counts at the beginning of a word only."""
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for theme in listed().values():
        for word, english in [*((w, False) for w in theme.zh_words), *((w, True) for w in theme.en_words)]:
            found.setdefault(word[0], []).append((word, theme.code, english))
    for rows in found.values():
        rows.sort(key=lambda row: -len(row[0]))
    return found


def guess(text: str) -> str:
    """The theme whose words cover most characters of a text; of equals the one that is named first in it; else `other`."""
    plain = unicodedata.normalize("NFKC", text[:FIRST_CHARS]).casefold()
    starts = words_by_first()
    covered: dict[str, int] = {}  # in the order the themes are named
    ends: dict[str, int] = {}
    for at, character in enumerate(plain):
        for word, theme, english in starts.get(character, ()):
            if at < ends.get(theme, 0) or not plain.startswith(word, at):
                continue
            if english and at and plain[at - 1].isascii() and plain[at - 1].isalnum():
                continue
            covered[theme] = covered.get(theme, 0) + len(word)
            ends[theme] = at + len(word)
    return max(covered, key=lambda theme: covered[theme], default=OTHER)


def of(comment: Comment) -> Theme:
    """The theme of a comment: as it was put, else as its words say."""
    known = listed()
    return known.get(comment.theme) or known[guess(comment.text)]


def choices() -> list[tuple[str, str]]:
    return [(theme.code, theme.name) for theme in listed().values()]


@transaction.atomic
def set_theme(comment: Comment, theme: str, *, by: User) -> Comment:
    """Put the theme of a comment right; for whoever may answer it."""
    if not by.has_perm("planning.reply", comment):
        raise NotAllowed(_("Only the village committee, its planner or the township sets the theme of a comment."))
    if theme not in listed():
        raise PortalError(_("Please choose a theme of the list."), code="theme")
    comment = Comment.objects.select_for_update(of=("self",), no_key=True).get(pk=comment.pk)
    if comment.theme != theme:
        before, comment.theme = comment.theme, theme
        comment.save(update_fields=["theme"])
        record("comment.theme_set", comment, by=by, before={"theme": before}, after={"theme": theme})
    return comment
