"""The portal as the tile measures run it: one address more, an empty view behind the same middleware."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
settings.ROOT_URLCONF = "indicators.bench_urls"
