"""Words that scripts say: every one is in the list that pages translate, and nothing else is."""

import re
from pathlib import Path

from django.utils import translation

from portal.browser_strings import STRINGS, browser_strings
from portal.comment_strings import COMMENT_STRINGS, comment_strings
from portal.drawing_strings import DRAWING_STRINGS, drawing_strings
from portal.map_strings import MAP_STRINGS, map_strings

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "static" / "js"


def said_by_scripts() -> set[str]:
    texts = (path.read_text("utf-8") for path in SCRIPTS.rglob("*.js"))
    return {said for text in texts for said in re.findall(r'\bt\("([^"]+)"', text)}


def test_scripts_say_only_what_pages_can_translate():
    assert said_by_scripts() - {*STRINGS, *MAP_STRINGS, *DRAWING_STRINGS, *COMMENT_STRINGS} == set()


def test_the_list_holds_nothing_that_no_script_says():
    assert {*STRINGS, *MAP_STRINGS, *DRAWING_STRINGS, *COMMENT_STRINGS} - said_by_scripts() == set()


def test_no_text_is_handed_over_twice():
    assert set(STRINGS) & {*MAP_STRINGS, *DRAWING_STRINGS, *COMMENT_STRINGS} == set()


def test_an_english_page_carries_no_translations():
    with translation.override("en"):
        assert browser_strings() == map_strings() == drawing_strings() == comment_strings() == {}
