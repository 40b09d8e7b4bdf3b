"""No file of the corpus gets anything: no other file's content, no connection, no place outside, no time without end."""

import socket
import tempfile
from pathlib import Path

import pytest

from portal.geo import readers, reasons
from portal.geo.issues import Issue, Refused
from tests import nasty
from tests.nasty.listener import Listener

SECRET = "canary-3f1c9d"


@pytest.fixture(scope="module")
def listener():
    listener = Listener()
    yield listener
    listener.socket.close()


@pytest.fixture(scope="module")
def canaries(listener, tmp_path_factory):
    secret = tmp_path_factory.mktemp("secret") / "secret.csv"
    secret.write_text(f"id,name\n1,{SECRET}\n")
    return nasty.Canaries(listener.url, str(secret))


@pytest.mark.parametrize("case", nasty.CASES, ids=str)
def test_a_nasty_file_is_refused_for_its_reason_or_made_harmless(case, canaries, listener, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    upload = tmp_path / "upload"
    upload.write_bytes(case.make(canaries))
    before = set(Path("/tmp").glob("slipped*"))

    reasons_given, told = read(upload, case.filename)

    assert bool(reasons_given) == bool(case.reasons)
    assert reasons_given <= case.reasons
    assert SECRET not in told
    assert listener.hits == 0
    assert list(scratch.iterdir()) == []
    assert set(Path("/tmp").glob("slipped*")) == before
    assert upload.exists()


def read(upload: Path, filename: str) -> tuple[set[str], str]:
    """The reasons of a refusal, and everything that reaches the user about the file as text."""
    try:
        reading = readers.read(upload, name=filename)
    except Refused as refused:
        return {str(issue.params["reason"]) for issue in refused.issues}, " ".join(map(sentence, refused.issues))
    texts = [text for layer in reading.layers for text in texts_of(layer)]
    unprintable = [text for text in texts if not text.isprintable()]
    return set(), " ".join(texts) if not unprintable else pytest.fail(f"control characters in {unprintable}")


def sentence(issue: Issue) -> str:
    """What the user is told; it must need nothing but the params."""
    reason = issue.params["reason"]
    if (issue.code, issue.level) != (reasons.CODES[reason], "error"):
        pytest.fail(f"{reason} has the wrong code or level")
    return reasons.REASONS[reason].format(**issue.params)


def texts_of(layer: readers.Layer) -> list[str]:
    values = [value for field in layer.fields for value in layer.rows[field] if isinstance(value, str)]
    return [layer.name, *layer.fields, *values]


def test_the_corpus_is_as_large_as_promised():
    assert len(nasty.CASES) >= 40
    assert len({case.name for case in nasty.CASES}) == len(nasty.CASES)


def test_the_listener_would_notice_a_connection():
    listener = Listener()
    port = listener.socket.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.recv(1)
    assert listener.hits == 1
    listener.socket.close()
