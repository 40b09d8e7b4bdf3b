"""Health check of the web container: /healthz must answer 200 under a host name the portal allows."""

import os
import sys
import urllib.request

request = urllib.request.Request("http://127.0.0.1:8000/healthz")
request.add_header("Host", os.environ.get("ALLOWED_HOSTS", "127.0.0.1").split(",")[0].strip())
with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
    sys.exit(answer.status != 200)
