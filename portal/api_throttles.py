"""How often one may ask: per address before sign-in, per person after it."""

import logging

from redis.exceptions import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class PostThrottle(SimpleRateThrottle):
    """Counts requests that write. Without the counter's store the portal stays open: comments have a legal term."""

    def get_cache_key(self, request: Request, view: APIView) -> str:
        user = request.user
        ident = f"user-{user.pk}" if user and user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}

    def allow_request(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS:
            return True
        try:
            return super().allow_request(request, view)
        except (RedisError, OSError) as error:
            logger.warning("rate of %s is not counted: %s", self.scope, error)
            return True


class LoginThrottle(PostThrottle):
    scope = "login"


class CommentThrottle(PostThrottle):
    scope = "comment"


class DrawingThrottle(PostThrottle):
    scope = "drawing"
