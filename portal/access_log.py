"""The log of requests, without what in an address opens something: codes of households, one-time links, links of letters."""

import re
from typing import Any

from gunicorn.glogging import Logger

SECRET_PLACES = re.compile(r"(/(?:join|password|mail/confirm|mail/stop)/)(?!done/)[^/\s?\"]+")


def without_secrets(text: str) -> str:
    """An address, or a line of a request, with its secret part taken out."""
    return SECRET_PLACES.sub(r"\1…", text)


class UncodedLogger(Logger):
    """What gunicorn writes for each request (`--logger-class portal.access_log.UncodedLogger`)."""

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> dict[str, Any]:
        """The parts of a line; those that hold an address are cut."""
        parts = super().atoms(resp, req, environ, request_time)
        return {name: without_secrets(part) if isinstance(part, str) else part for name, part in parts.items()}
