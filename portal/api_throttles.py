"""How often one may ask: per address before sign-in, per person after it."""

import logging
import time
from typing import TYPE_CHECKING

from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from portal import devices
from portal.sealing import digest

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it loads these classes itself

logger = logging.getLogger(__name__)


class AnyThrottle(SimpleRateThrottle):
    """Counts every request of the API in windows of a minute: one number in Redis, not a list of times."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Without the counter's store the portal stays open."""
        if self.rate is None:
            return True
        window = int(time.time() // self.duration)
        key = f"{self.get_cache_key(request, view)}-{window}"
        try:
            self.cache.add(key, 0, self.duration)
            return self.cache.incr(key) <= self.num_requests
        except (RedisError, OSError, ValueError) as error:  # ValueError: the window ended between the two
            logger.warning("rate of %s is not counted: %s", self.scope, error)
            return True

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return self.cache_format % {"scope": self.scope, "ident": who_asks(self, request)}

    def wait(self) -> float:
        return self.duration - time.time() % self.duration


class StrangerThrottle(AnyThrottle):
    """Requests without sign-in, by address."""

    scope = "api_stranger"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        return bool(request.user and request.user.is_authenticated) or super().allow_request(request, view)


class PersonThrottle(AnyThrottle):
    """Requests of a signed-in person, wherever they come from."""

    scope = "api_person"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        return not (request.user and request.user.is_authenticated) or super().allow_request(request, view)


def who_asks(throttle: SimpleRateThrottle, request: Request) -> str:
    user = request.user
    return f"user-{user.pk}" if user and user.is_authenticated else throttle.get_ident(request)


class PostThrottle(SimpleRateThrottle):
    """Counts requests that write. Without the counter's store the portal stays open: comments have a legal term."""

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return self.cache_format % {"scope": self.scope, "ident": who_asks(self, request)}

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if request.method in SAFE_METHODS:
            return True
        try:
            return super().allow_request(request, view)
        except (RedisError, OSError) as error:
            logger.warning("rate of %s is not counted: %s", self.scope, error)
            return True


class TryThrottle(AnyThrottle):
    """Counts tries at something secret, from the first one on for as long as the rate says, and gives back those that turned
    out right (`forgive`): a village behind one address is not shut out by its own right passwords, a guesser is."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if self.rate is None or request.method in SAFE_METHODS:
            return True
        return self.count(request)

    def count(self, request: Request) -> bool:
        """Count a try, whatever the method."""
        key = self.get_cache_key(request, None)
        try:
            self.cache.add(key, 0, self.duration)
            allowed = self.cache.incr(key) <= self.num_requests
        except (RedisError, OSError, ValueError) as error:
            logger.warning("rate of %s is not counted: %s", self.scope, error)
            return True
        plain = getattr(request, "_request", request)
        plain.counted_tries = [*getattr(plain, "counted_tries", []), (self.cache, key)]
        return allowed

    def wait(self) -> float:
        return self.duration


def forgive(request: HttpRequest) -> None:
    """The tries this request was counted for were right."""
    for cache, key in getattr(request, "counted_tries", []):
        try:
            cache.decr(key)
        except (RedisError, OSError, ValueError) as error:  # ValueError: its time is over
            logger.info("a right try is not given back: %s", error)
    request.counted_tries = []


class LoginThrottle(TryThrottle):
    """By address, but a device somebody signed in with before is counted by itself: a village shares one address."""

    scope = "login"

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        sent = request.data if hasattr(request, "data") else request.POST
        name = sent.get("username", "") if hasattr(sent, "get") else ""
        device = devices.known(request, name) if isinstance(name, str) and name else ""
        return self.cache_format % {"scope": self.scope, "ident": device or who_asks(self, request)}


class AccountThrottle(TryThrottle):
    """Wrong passwords for one user name, whether it exists or not, from all addresses together; devices on which its owner
    signed in before are not counted and not held up."""

    scope = "login_account"

    def __init__(self, username: str) -> None:
        super().__init__()
        self.key = self.cache_format % {"scope": self.scope, "ident": digest(username)}

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return self.key

    def told(self) -> bool:
        """True once in each window: whoever asks first tells others."""
        return self.cache.add(f"{self.key}-told", 1, self.duration)

    def forget(self) -> None:
        self.cache.delete_many([self.key, f"{self.key}-told"])


class CodeThrottle(TryThrottle):
    """Codes of households that were no use, by address."""

    scope = "household_code"


class AllCodesThrottle(TryThrottle):
    """The same from all addresses together, so that many of them do not guess faster than one."""

    scope = "household_code_all"

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return self.cache_format % {"scope": self.scope, "ident": "all"}


class CommentThrottle(PostThrottle):
    """Comments by a person, wherever they come from: 500 residents behind one address may all write."""

    scope = "comment"


class SupportThrottle(PostThrottle):
    """Each support and each taken back is a line of the record: nobody fills it by going to and fro."""

    scope = "support"


class PhotoThrottle(PostThrottle):
    scope = "photo"


class DrawingThrottle(PostThrottle):
    scope = "drawing"
