"""The document of an exception: which kinds are taken, under which name it is handed out, and that none is left behind."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import override_settings

from planning import waivers
from planning.models import Waiver
from portal.models import AuditEntry
from tests.planning.waiver_case import PDF, ask, kept_files, ofd, proposed


def test_the_document_is_handed_out_as_what_it_is_under_our_name(conflicting, as_user):
    evil = ContentFile(PDF, name='../../x"\r\nX: y.html')
    waiver = ask(as_user("reviewer"), conflicting, document=evil).json()
    assert "/" not in waiver["document_name"]
    answer = as_user("planner").get(f"/api/v1/waivers/{waiver['id']}/document/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="exception-{waiver["id"]}.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content) == PDF
    stored = Path(Waiver.objects.get().document.path)
    assert stored.relative_to(settings.MEDIA_ROOT).parts == ("waivers", waiver["id"], "document")
    assert AuditEntry.objects.filter(verb="waiver.document_read", actor__username="planner").exists()


@pytest.mark.parametrize(("content", "ending"), [(PDF, "pdf"), (b"\x89PNG\r\n\x1a\n....", "png"), (b"\xff\xd8\xff\xe0..", "jpg"), (ofd(), "ofd")])  # fmt: skip
def test_kinds_of_documents_that_are_taken(content, ending, conflicting, as_user):
    waiver = ask(as_user("reviewer"), conflicting, document=ContentFile(content, name="a")).json()["id"]
    answer = as_user("leader").get(f"/api/v1/waivers/{waiver}/document/")
    assert answer["Content-Disposition"].endswith(f'.{ending}"')


BAD_DOCUMENTS = {
    "html named pdf": (b"<html><script>alert(1)</script>", "kind"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind"),
    "another archive": (ofd("word/document.xml"), "kind"),
    "a broken archive": (b"PK\x03\x04" + b"OFD.xml" * 20, "kind"),
    "a program": (b"MZ\x90\x00", "kind"),
    "nothing": (b"", "empty"),
}


@pytest.mark.parametrize("name", BAD_DOCUMENTS)
def test_other_documents_are_refused_and_nothing_is_kept(name, conflicting, as_user):
    content, code = BAD_DOCUMENTS[name]
    before = kept_files()
    answer = ask(as_user("reviewer"), conflicting, document=ContentFile(content, name="批复.pdf"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert not Waiver.objects.exists()
    assert kept_files() == before


@override_settings(DOCUMENT_MAX_BYTES=1024)
def test_a_document_that_is_too_large_is_refused(conflicting, as_user):
    answer = ask(as_user("reviewer"), conflicting, document=ContentFile(PDF + b" " * 1024, name="a.pdf"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "too_large")


def test_no_file_stays_when_the_row_cannot_be_written(conflicting, cast, monkeypatch):
    monkeypatch.setattr(waivers, "record", lambda *args, **kwargs: 1 / 0)
    before = kept_files()
    with pytest.raises(ZeroDivisionError):
        proposed(conflicting, cast.reviewer)
    assert kept_files() == before
    assert not Waiver.objects.exists()
