"""What the pages share: how a refusal is said on them, and beside the fields of their forms."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from portal.errors import NotAllowed, PortalError


@contextmanager
def saying(request: HttpRequest) -> Iterator[None]:
    """Say what could not be done at the top of the page that comes next; what a person may not do is the page of a 403."""
    try:
        yield
    except NotAllowed:
        raise
    except PortalError as error:
        messages.error(request, str(error.message))


def add_portal_error(form: forms.BaseForm, error: PortalError, *, other: str | None = None, **names: str) -> None:
    """Put a refusal beside the field it is about: the one of its code in `names`, or named as its code, else `other`."""
    name = names.get(error.code, error.code)
    form.add_error(name if name in form.fields else other, str(error.message))
