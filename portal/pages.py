"""What the pages share: how a refusal is said on them."""

from collections.abc import Iterator
from contextlib import contextmanager

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
