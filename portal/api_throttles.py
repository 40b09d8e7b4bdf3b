"""How often one may ask: per address before sign-in, per person after it."""

import logging
import time
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from portal import devices

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


class LoginThrottle(PostThrottle):
    """By address, but a device somebody signed in with before is counted by itself: a village shares one address."""

    scope = "login"

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        sent = request.data if hasattr(request, "data") else request.POST
        name = sent.get("username", "") if hasattr(sent, "get") else ""
        device = devices.known(request, name) if isinstance(name, str) and name else ""
        return self.cache_format % {"scope": self.scope, "ident": device or who_asks(self, request)}


class CommentThrottle(PostThrottle):
    scope = "comment"


class SupportThrottle(PostThrottle):
    """Each support and each taken back is a line of the record: nobody fills it by going to and fro."""

    scope = "support"


class PhotoThrottle(PostThrottle):
    scope = "photo"


class DrawingThrottle(PostThrottle):
    scope = "drawing"
