"""The document behind an authorised exception: what kinds are taken, told by their first bytes, never by their name."""

import hashlib
import zipfile
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

from portal.errors import PortalError

OFD_ROOT = "OFD.xml"  # GB/T 33190-2016: every document of this kind is a zip archive with it


@dataclass(frozen=True)
class Kind:
    """A kind of document: ending and content type it is served with."""

    ending: str
    content_type: str


PDF, PNG, JPEG, OFD = (
    Kind("pdf", "application/pdf"),
    Kind("png", "image/png"),
    Kind("jpg", "image/jpeg"),
    Kind("ofd", "application/ofd"),
)
BEGINNINGS = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
ACCEPT = ".pdf,.png,.jpg,.jpeg,.ofd"


def told() -> str:
    """What is taken, in words."""
    limit = settings.DOCUMENT_MAX_BYTES // 1024**2
    return _("A PDF, OFD, PNG or JPEG file of at most %(limit)d MB.") % {"limit": limit}


def kind_of(file: Any) -> Kind | None:
    """What a file is, by its bytes; None if it is nothing that is taken."""
    file.seek(0)
    start = file.read(8)
    for beginning, kind in BEGINNINGS:
        if start.startswith(beginning):
            return kind
    return OFD if start.startswith(b"PK\x03\x04") and is_ofd(file) else None


def is_ofd(file: Any) -> bool:
    """Whether an archive holds OFD.xml; the list of its members is read, nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            return OFD_ROOT in archive.NameToInfo
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def checked(file: File) -> str:
    """SHA-256 of a document that may be kept; PortalError says what is wrong with others."""
    if not file.size:
        raise PortalError(_("The file is empty."), code="empty")
    if file.size > settings.DOCUMENT_MAX_BYTES:
        limit = settings.DOCUMENT_MAX_BYTES // 1024**2
        raise PortalError(_("The document is larger than %(limit)d MB.") % {"limit": limit}, code="too_large")
    if kind_of(file) is None:
        raise PortalError(_("The document must be a PDF, OFD, PNG or JPEG file."), code="kind")
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
