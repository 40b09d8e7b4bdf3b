"""Chinese is the first language of the portal: no message without it, no hole lost in it, no English left on a page."""

import ast
import re
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from indicators import runs
from planning import answers, participation
from planning.models import PlanVersion
from planning.views.uploads import issue_lines
from portal.browser_strings import STRINGS, browser_strings
from portal.drawing_strings import DRAWING_STRINGS, drawing_strings
from portal.geo.reasons import NOTES, REASONS
from portal.map_strings import MAP_STRINGS, map_strings
from portal.models import Upload, UploadIssue
from tests import world

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "portal" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
SOURCES = ("portal", "villages", "planning", "indicators", "templates")

FIELD = re.compile(r'^(msg\w+(?:\[\d\])?) ((?:".*"\n?)+)', re.M)
# What a translation must carry over: holes of both kinds and the few tags messages have.
HOLE = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|</?\w+>")
CHINESE = r"[\u4e00-\u9fff]"
HALF_WIDTH = re.compile(rf"{CHINESE}[,;:!?()]|[,;:!?()]{CHINESE}")
FORMULA = re.compile(r"A\(|#\d")  # an area, another indicator: formulas keep the brackets of formulas


def messages(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """The messages of a .po or .pot by context and English text; `flags` holds the line of flags."""
    found = {}
    for block in path.read_text("utf-8").split("\n\n"):
        lines = FIELD.findall(block)
        message = {key: "".join(map(ast.literal_eval, said.splitlines())) for key, said in lines}
        if message.get("msgid"):
            message["flags"] = " ".join(re.findall(r"^#,(.*)$", block, re.M))
            found[message.get("msgctxt", ""), message["msgid"]] = message
    return found


TRANSLATED = messages(PO)


def chinese(message: dict[str, str]) -> str:
    return message.get("msgstr", "") or message.get("msgstr[0]", "")


def english(message: dict[str, str]) -> str:
    """The form that names every hole: "the first row of a layer" does not say its number."""
    return message.get("msgid_plural", message["msgid"])


@pytest.fixture
def extracted(tmp_path, monkeypatch, settings) -> dict:
    """What makemessages finds in the sources now; it works on a copy."""
    for name in SOURCES:
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo", "migrations")
        )
    monkeypatch.chdir(tmp_path)
    settings.LOCALE_PATHS = [tmp_path / "portal" / "locale"]
    call_command("makemessages", locale=["zh_Hans"], no_location=True, keep_pot=True, verbosity=0)
    return messages(tmp_path / "portal" / "locale" / "django.pot")


def test_every_message_of_the_sources_is_in_the_catalogue(extracted):
    assert len(extracted) > 500
    assert sorted(set(extracted) - set(TRANSLATED)) == []


def test_the_sentences_about_files_are_found_though_that_module_knows_no_gettext(extracted):
    found = {text for _, text in extracted}
    assert set(REASONS.values()) | set(NOTES.values()) <= found


def test_no_translation_is_empty_or_a_guess():
    assert [m["msgid"] for m in TRANSLATED.values() if not chinese(m).strip() or "fuzzy" in m["flags"]] == []


def test_translations_have_the_holes_of_the_english_text():
    different = [m["msgid"] for m in TRANSLATED.values()
                 if Counter(HOLE.findall(english(m))) != Counter(HOLE.findall(chinese(m)))]  # fmt: skip
    assert different == []


def test_translations_are_chinese_with_chinese_punctuation():
    words = [m for m in TRANSLATED.values() if re.search(r"[A-Za-z]", HOLE.sub("", m["msgid"]))]  # the others only join
    said = [chinese(m) for m in words if not FORMULA.search(m["msgid"])]
    assert [text for text in said if not re.search(CHINESE, text) or HALF_WIDTH.search(text)] == []


@pytest.fixture
def in_chinese(tmp_path_factory, settings) -> None:
    """The committed catalogue, compiled aside: whether somebody built the .mo files before makes no difference."""
    folder = tmp_path_factory.mktemp("locale")
    (folder / "zh_Hans" / "LC_MESSAGES").mkdir(parents=True)
    compiled = folder / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", compiled, PO], check=True)
    settings.LOCALE_PATHS = [folder]


def test_what_scripts_say_is_said_in_chinese(in_chinese):
    with translation.override("zh-hans"):
        assert set(browser_strings()) == set(STRINGS)
        assert set(map_strings()) == set(MAP_STRINGS)
        assert set(drawing_strings()) == set(DRAWING_STRINGS)


class Shown(HTMLParser):
    """The words of a page that somebody sees or hears."""

    SPOKEN = ("alt", "aria-label", "placeholder", "title", "label")
    SILENT = ("script", "style", "svg")

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self.SILENT
        if tag == "meta" and ("name", "description") in attrs:
            self.words.append(dict(attrs)["content"] or "")
        self.words += [said for name, said in attrs if said and (name in self.SPOKEN or name.startswith("data-word"))]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)


# Names of formats and encodings stand alone; words one after the other are English.
ENGLISH = re.compile(r"(?<![\w.])[A-Za-z]{2,}(?:[\s,;:]+[A-Za-z]{2,})+(?![\w.])")


def left_in_english(client: Client, address: str) -> list[str]:
    response = client.get(address)
    assert response.status_code in (200, 403, 404), address
    page = Shown()
    page.feed(response.content.decode())
    assert re.search(CHINESE, "".join(page.words)), address
    return [found for said in page.words for found in ENGLISH.findall(said)]


@pytest.fixture
def published(village, cast) -> PlanVersion:
    """In public notice with a conflict of every check, and with comments, one of them answered."""
    rows = ["070301", *world.plan_rows()[1:5], "070301", *world.plan_rows()[6:]]
    version = world.make_version(village, rows=rows, by=cast.planner)
    runs.judge(version)
    version = world.publish(PlanVersion.objects.get(pk=version.pk), cast.township)
    comment = participation.post_comment(version, by=cast.villager, text="我家门前的路多宽？", zone=8)
    answers.answer(comment, by=cast.committee, text="按四米设计。", adoption="explained")
    participation.post_comment(version, by=cast.stranger, text="支持", lon=116.8055, lat=36.1025)
    return version


@pytest.fixture
def refused(village, cast) -> Upload:
    """A file with every rule the portal has words for."""
    upload = Upload.objects.create(division_code=world.LIUGOU, name="规划.gpkg", size=5, sha256="0" * 64,
                                   state=Upload.State.REFUSED, created_by=cast.planner)  # fmt: skip
    for number, (reason, text) in enumerate(REASONS.items(), 1):
        params = {"reason": reason, **dict.fromkeys(re.findall(r"\{(\w+)\}", text), "3")}
        UploadIssue.objects.create(upload=upload, code="G1", level="error", row=number, params=params)
    return upload


def test_no_main_page_speaks_english_to_a_chinese_reader(in_chinese, published, refused, as_user, settings):
    settings.DEMO = True
    version = f"/versions/{published.pk}/"
    pages = {
        None: ["/villages/", "/villages/?q=柳", "/villages/?q=zz", f"/villages/?under={world.TOWN}",
               f"/villages/{world.LIUGOU}/", version, f"{version}list/", "/login/", "/nothing/"],
        "villager": [version, "/desk/", f"{version}review/"],
        "planner": ["/desk/", f"{version}review/", "/uploads/new/",
                    *(reverse("upload", args=[refused.pk]) + f"?page={n}" for n in (1, 2))],
        "township": ["/desk/", f"{version}review/"],
        "leader": ["/desk/", f"{version}review/", "/uploads/new/"],
        "province": ["/desk/"],
    }  # fmt: skip
    left = {
        (who, address): found
        for who, addresses in pages.items()
        for address in addresses
        if (found := left_in_english(as_user(who), address))
    }
    assert left == {}


def test_the_list_of_issues_to_take_along_is_chinese_too(in_chinese, refused):
    with translation.override("zh-hans"):
        lines = [list(map(str, line)) for line in issue_lines(refused)]
    assert len(lines) == 1 + len(REASONS)
    assert all(re.search(CHINESE, cell) for cell in lines[0])
    assert all(any(re.search(CHINESE, cell) for cell in line) for line in lines)
    assert not [found for line in lines for cell in line for found in ENGLISH.findall(cell)]
