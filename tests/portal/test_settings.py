"""Settings fail loudly: production refuses to start with DEBUG, a default key or a default account."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.checks import DEMO_PASSWORD
from portal.models import User

ROOT = Path(__file__).resolve().parent.parent.parent


def start(say: str = "print('started')", **changes: str | None) -> subprocess.CompletedProcess:
    """Start Django in a fresh process with the environment of production, changed; `say` may read the settings as s."""
    environment = {
        **os.environ,
        "DEMO": "false",
        "DEBUG": "false",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        **changes,
    }
    environment = {k: v for k, v in environment.items() if v is not None}
    code = f"import django; django.setup(); from django.conf import settings as s; {say}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def test_production_starts_with_good_settings():
    assert "started" in start().stdout


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"DEBUG": "true"}, "DEBUG"),
        ({"EMAIL_HOST": "mail.example.gov.cn", "EMAIL_FROM": ""}, "EMAIL_FROM"),
        ({"EMAIL_SSL": "true", "EMAIL_STARTTLS": "true"}, "EMAIL_STARTTLS"),
        ({"DEBUG": "yes"}, "DEBUG"),
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + "a" * 50}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"UPLOAD_MAX_MB": "many"}, "UPLOAD_MAX_MB"),
        ({"DB_HOST": None}, "DB_HOST"),
        ({"SECOND_FACTOR": "false"}, "SECOND_FACTOR"),
    ],
)
def test_a_bad_setting_stops_the_start_and_is_named(changes, word):
    result = start(**changes)
    assert result.returncode != 0
    assert word in result.stderr.splitlines()[-1]


def test_a_default_account_stops_production(db, settings):
    User.objects.create_user("demo_admin", password=DEMO_PASSWORD)
    with pytest.raises(Exception, match="demo_admin"):
        call_command("check", databases=["default"], fail_level="ERROR")
    settings.DEMO = True
    call_command("check", databases=["default"], fail_level="ERROR")


def test_an_account_of_the_demo_stops_production_whatever_its_password(db):
    User.objects.create_user("demo_leader", password="three wet lanterns hum")
    with pytest.raises(Exception, match="demo_leader"):
        call_command("check", databases=["default"], fail_level="ERROR")
    User.objects.update(is_active=False)
    call_command("check", databases=["default"], fail_level="ERROR")


def test_a_gateway_whose_addresses_are_not_believed_is_warned_of(settings):
    settings.HTTPS = True
    with pytest.raises(Exception, match="TRUSTED_PROXIES"):
        call_command("check", deploy=True, tags=["security"], fail_level="WARNING")


HTTPS = {"SITE_URL": "https://plan.example.gov.cn", "ALLOWED_HOSTS": "plan.example.gov.cn"}


def test_over_https_cookies_belong_to_this_host_alone():
    said = start("print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME)", **HTTPS).stdout
    assert said == "__Host-sessionid __Host-csrftoken __Host-django_language\n"


def test_the_demo_county_is_not_loaded_outside_the_demo(db):
    with pytest.raises(CommandError):
        call_command("seed_demo")


def test_health_and_readiness_answer(client, db):
    assert client.get("/healthz").json() == {"ok": True}
    ready = client.get("/readyz")
    assert ready.json()["database"]
    assert ready.json()["redis"]
    assert ready.status_code == 503  # no worker has shown itself
    from portal.tasks import heartbeat

    heartbeat()
    assert client.get("/readyz").status_code == 200
