"""The one settings file with what only tests need: quick passwords, unhashed static files, files in a folder of their own."""

import os
import re
import tempfile

from portal.settings import *  # noqa: F403

DEMO = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# a worker that a test starts shares the folder of its test
MEDIA_ROOT = os.environ.setdefault("TEST_MEDIA_ROOT", tempfile.mkdtemp(prefix="portal-test-media-"))
# A Redis database of their own for each test process: clearing the cache must not touch the demo beside it.
REDIS_URL = re.sub(r"/\d+$", f"/{1 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0')[2:])}", REDIS_URL)  # noqa: F405
CELERY_BROKER_URL = REDIS_URL
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
ALLOWED_HOSTS = ["*"]
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"login": "1000/min", "comment": "1000/hour"}}  # noqa: F405
