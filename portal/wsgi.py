"""The WSGI entry that gunicorn serves. Outside the demo it refuses to start when a check with an error fails."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402  Django must be set up first
from django.core.management import call_command  # noqa: E402
from django.urls import get_resolver  # noqa: E402

if not settings.DEMO:
    call_command("check", deploy=True, databases=["default"], fail_level="ERROR")

# Everything is loaded now, and stays: without it among what is searched for garbage, no request waits a tenth of a second
# for the search.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
