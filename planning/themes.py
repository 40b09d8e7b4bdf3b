"""What comments are about (主题): guessed by words, put right by whoever answers. The list is data (planning/data/themes.json)."""

import json
import re
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
FIRST_CHARS = 2000


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
def patterns() -> dict[str, re.Pattern[str]]:
    """Theme -> its words as one pattern, long words first. English ones count from the beginning of a word only."""
    found = {}
    for theme in listed().values():
        chinese = [re.escape(word) for word in sorted(theme.zh_words, key=len, reverse=True)]
        english = [rf"\b{re.escape(word)}" for word in sorted(theme.en_words, key=len, reverse=True)]
        if words := chinese + english:
            found[theme.code] = re.compile("|".join(words))
    return found


def guess(text: str) -> str:
    """The theme whose words cover most characters of a text; of equals the one that is named first in it; else `other`."""
    plain = unicodedata.normalize("NFKC", text[:FIRST_CHARS]).casefold()
    best, ranked = OTHER, (0, 0)
    for code, pattern in patterns().items():
        hits = list(pattern.finditer(plain))
        if hits and (rank := (sum(len(hit.group()) for hit in hits), -hits[0].start())) > ranked:
            best, ranked = code, rank
    return best


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
        raise NotAllowed(_("Only the village committee or the township sets the theme of a comment."))
    if theme not in listed():
        raise PortalError(_("Please choose a theme of the list."), code="theme")
    comment = Comment.objects.select_for_update(of=("self",), no_key=True).get(pk=comment.pk)
    if comment.theme != theme:
        before, comment.theme = comment.theme, theme
        comment.save(update_fields=["theme"])
        record("comment.theme_set", comment, by=by, before={"theme": before}, after={"theme": theme})
    return comment
