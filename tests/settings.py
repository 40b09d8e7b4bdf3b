"""The one settings file with what only tests need: quick passwords, unhashed static files, files in a folder of their own."""

import os
import re
import tempfile

from portal.settings import *  # noqa: F403

DEMO = False
# Sessions of Client.force_login count as opened with a code; tests of the second factor switch this on.
SECOND_FACTOR = False
ADMIN_HOSTS = ["testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A worker that a test starts shares the folder of its test; two processes of pytest-xdist do not: a test that moves the
# clock and sweeps leftovers away must not take the files another one is storing.
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "alone")
if os.environ.get("TEST_MEDIA_OWNER") != PROCESS:
    os.environ["TEST_MEDIA_ROOT"] = tempfile.mkdtemp(prefix="portal-test-media-")
    os.environ["TEST_MEDIA_OWNER"] = PROCESS
MEDIA_ROOT = os.environ["TEST_MEDIA_ROOT"]
# A Redis database of its own for each test process (./run test gives each run a number of its own): clearing the cache
# must touch neither the demo nor another run beside it.
NUMBER = max(1, int(REDIS_URL.rsplit("/", 1)[1])) + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])  # noqa: F405
REDIS_URL = re.sub(r"\d+$", str(NUMBER), REDIS_URL)  # noqa: F405
CELERY_BROKER_URL = REDIS_URL
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
STATIC_ROOT = os.path.join(MEDIA_ROOT, "static")  # nothing is collected
os.makedirs(STATIC_ROOT, exist_ok=True)
DATABASES["default"]["ENGINE"] = "tests.postgis"  # noqa: F405
# A test's rows need not outlive the machine: a commit does not wait for the disk.
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"  # noqa: F405
ALLOWED_HOSTS = ["*"]
REST_FRAMEWORK = {
    **REST_FRAMEWORK,  # noqa: F405
    "DEFAULT_THROTTLE_RATES": {
        "api_stranger": None,
        "api_person": None,
        "login": "1000/min",
        "login_account": "20/hour",
        "household_code": "1000/min",
        "household_code_all": "1000/hour",
        "comment": "1000/hour",
        "photo": "1000/hour",
        "support": "1000/hour",
        "drawing": "1000/min",
    },
}
STALE_KEPT_SECONDS = 0
