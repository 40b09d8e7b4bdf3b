"""How much may be sent where: decided by the length that is announced, before anything is read.

A view that takes files says so with @takes_files; every other address takes what a form or some JSON may need and no more.
"""

import tempfile
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal.errors import TooLarge, answer
from portal.models.parts import parts_folder

FORM_OVERHEAD = 64 * 1024
OTHERS = 3 * 1024**2  # more than DATA_UPLOAD_MAX_MEMORY_SIZE and a JSON body, which have their own words


def takes_files(view: Callable) -> Callable:
    """Mark a view whose body may hold a file of UPLOAD_MAX_BYTES."""
    view.takes_files = True
    return view


class BodyLimitMiddleware:
    """Must stand before the check of the CSRF token: that already reads the form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: Any, kwargs: Any) -> HttpResponse | None:
        """Refuse a body by its length. One without a length is not read at all (WSGI)."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        length = int(length) if length.isdigit() else 0
        if getattr(view, "takes_files", False):
            if length > settings.UPLOAD_MAX_BYTES + FORM_OVERHEAD:
                limit = settings.UPLOAD_MAX_BYTES // 1024**2
                return answer(request, TooLarge(_("The file is larger than %(limit)d MB.") % {"limit": limit}))
        elif length > OTHERS:
            limit = OTHERS // 1024**2
            return answer(
                request,
                TooLarge(_("More than %(limit)d MB cannot be sent here. Please send less at once.") % {"limit": limit}),
            )
        return None


class IncomingFile(TemporaryUploadedFile):
    """A file of a form on its way in. It lies in MEDIA_ROOT: keeping it is a move, and what a kill leaves is swept."""

    def __init__(self, name: str, content_type: str, size: int, charset: str | None, extra: dict | None) -> None:
        file = tempfile.NamedTemporaryFile(suffix=".incoming", dir=parts_folder())  # noqa: SIM115  closed by Django
        UploadedFile.__init__(self, file, name, content_type, size, charset, extra)


class IncomingFiles(TemporaryFileUploadHandler):
    """Django's handler of larger files, with our folder for them."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        self.file = IncomingFile(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)
