"""What is written for a server (image, compose file, nginx) must agree with the settings, commands and ports the code has."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from portal.errors import TooLarge
from portal.geo import tiles

ROOT = Path(__file__).resolve().parent.parent
# Read by the compose file alone: where nginx listens on the host.
COMPOSE_ONLY = {"HTTP_BIND"}
SECRETS_AND_NAMES = {"SECRET_KEY", "DB_PASSWORD", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SITE_URL"}


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def settings_readers() -> dict[str, bool]:
    """Names of the environment that settings.py reads -> must it be set."""
    found = re.findall(r'env_(str|bool|int|list)\("([A-Z_]+)"(,?)', text("portal/settings.py"))
    return {name: kind != "list" and not comma for kind, name, comma in found}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(text("docker-compose.yml"))


@pytest.fixture(scope="module")
def app_environment(compose) -> dict[str, str]:
    return compose["services"]["web"]["environment"]


def test_the_compose_file_sets_exactly_what_the_settings_read(app_environment):
    assert set(app_environment) == set(settings_readers())


def test_every_variable_of_the_compose_file_is_one_the_settings_read():
    variables = set(re.findall(r"\$\{([A-Z_]+)", text("docker-compose.yml")))
    assert variables <= set(settings_readers()) | COMPOSE_ONLY
    assert variables >= SECRETS_AND_NAMES


def test_secrets_and_names_of_the_site_have_no_default(compose):
    for name in SECRETS_AND_NAMES:
        uses = re.findall(r"\$\{" + name + r"([^}]*)\}", text("docker-compose.yml"))
        assert uses
        assert set(uses) == {":?"}, name


def test_every_part_of_the_application_gets_the_same_settings(compose, app_environment):
    for name in ("migrate", "web", "worker", "scheduler"):
        assert compose["services"][name]["environment"] == app_environment


def test_the_compose_file_starts_neither_the_demo_nor_debug(app_environment):
    assert (app_environment["DEMO"], app_environment["DEBUG"]) == ("false", "false")


def resolved(value: str) -> str:
    """The value as compose hands it over when the secrets are set."""
    given = {
        "SECRET_KEY": "k" * 50,
        "DB_PASSWORD": "p",
        "ALLOWED_HOSTS": "plan.example.gov.cn",
        "CSRF_TRUSTED_ORIGINS": "https://plan.example.gov.cn",
        "SITE_URL": "https://plan.example.gov.cn",
    }
    return re.sub(r"\$\{([A-Z_]+)(?::-([^}]*)|:\?)\}", lambda m: given.get(m[1]) or m[2], value)


def test_the_settings_accept_the_environment_of_the_compose_file(app_environment):
    environment = {name: resolved(value) for name, value in app_environment.items()}
    code = (
        "import django; django.setup(); from django.conf import settings as s; print(s.SITE_URL, s.MEDIA_ROOT, s.DEMO)"
    )
    environment |= {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "https://plan.example.gov.cn /srv/media False\n", done.stderr


def test_the_image_collects_static_files_with_all_the_settings_need():
    step = re.search(r"RUN (?:(?!\nRUN).)*collectstatic", text("Dockerfile"), re.S)
    required = {name for name, is_required in settings_readers().items() if is_required}
    assert required <= set(re.findall(r"([A-Z_]+)=", step[0]))


def test_the_image_holds_the_folders_that_the_compose_file_names(compose, app_environment):
    dockerfile = text("Dockerfile")
    assert f"STATIC_ROOT={app_environment['STATIC_ROOT']}" in dockerfile
    assert f"COPY --from=app {app_environment['STATIC_ROOT']} /srv/static" in dockerfile
    mounted = {volume.split(":")[1] for volume in compose["services"]["web"]["volumes"]}
    anchors = str(Path(app_environment["AUDIT_ANCHOR"]).parent)
    assert mounted == {app_environment["MEDIA_ROOT"], app_environment["MEDIA_ROOT"] + "/tiles", anchors}
    for folder in ("/srv/media/tiles", "/srv/scheduler", anchors):
        assert folder in re.search(r"mkdir -p (.*) \\", dockerfile)[1]


def test_no_stage_that_runs_does_so_as_root():
    for stage in ("AS app\n", "AS front\n"):
        assert "\nUSER 10001\n" in text("Dockerfile").split(stage)[1].split("\nFROM ")[0]


def test_the_image_leaves_secrets_and_local_data_out():
    assert {".git", ".local", "node_modules", "tests"} <= set(text(".dockerignore").split())


def test_the_image_installs_the_locked_requirements_by_hash():
    assert "--require-hashes -r requirements.txt" in text("Dockerfile")
    assert "npm ci --ignore-scripts" in text("Dockerfile")


def test_every_service_has_a_health_check(compose):
    for name, service in compose["services"].items():
        if name == "migrate":  # runs once and ends
            continue
        assert "healthcheck" in service or "build" in service, name
    for stage in ("AS app\n", "AS front\n"):
        assert "HEALTHCHECK" in text("Dockerfile").split(stage)[1].split("\nFROM ")[0]


def test_health_checks_ask_pages_that_exist():
    assert f"http://127.0.0.1:8000{reverse('healthz')}" in text("deploy/healthcheck.py")
    assert "location = /front-health" in text("deploy/nginx.conf")
    assert "http://127.0.0.1:8080/front-health" in text("Dockerfile")


def test_the_entry_point_knows_every_command_of_the_compose_file(compose):
    roles = set(re.findall(r"^  ([a-z]+)\)", text("deploy/entrypoint.sh"), re.M))
    commands = {
        service["command"][0]
        for service in compose["services"].values()
        if service.get("image") == "village-planning-portal"
    }
    assert commands == roles


@pytest.mark.parametrize("path", ["deploy/entrypoint.sh", "deploy/supervisord.conf"])
def test_programs_name_a_web_application_and_a_worker_that_exist(path, db, monkeypatch):
    # The application checks itself and the database when it is imported; browser tests leave this variable behind.
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
    wsgi = re.search(r"gunicorn (\S+)", text(path))[1]
    assert callable(import_string(wsgi.replace(":", ".")))
    apps = re.findall(r"celery -A (\S+) (\S+)", text(path))
    assert {command for _, command in apps} == {"worker", "beat"}
    for name, _ in apps:
        assert import_string(f"{name}.celery.app").main == name


def test_settings_and_programs_mean_the_same_web_application():
    assert settings.WSGI_APPLICATION.replace(".application", ":application") in text("deploy/entrypoint.sh")


def test_ports_agree_from_nginx_to_the_web_server(compose):
    assert "--bind 0.0.0.0:8000" in text("deploy/entrypoint.sh")
    assert "server web:8000;" in text("deploy/nginx.conf")
    assert "listen 8080;" in text("deploy/nginx.conf")
    assert re.findall(r"EXPOSE (\d+)", text("Dockerfile")) == ["8000", "8080"]
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert published == ["${HTTP_BIND:-127.0.0.1:8080}:8080"]


def test_nginx_hands_out_the_public_tiles_that_the_portal_keeps(compose):
    key, z, x, y = "v23456789abcd-0123456789ab", 14, 13529, 6416
    url = reverse("api-tile", args=[key, z, x, y])
    conf = text("deploy/nginx.conf")
    match = re.match(re.search(r"location ~ (\S+mvt\$)", conf)[1].replace("(?<", "(?P<"), url)
    suffix = re.search(r"~gzip +(\S+);", conf)[1]
    assert "root /srv/tiles/public;" in conf
    assert "tiles:/srv/tiles:ro" in compose["services"]["nginx"]["volumes"]
    in_tiles_volume = f"public/{match['tile']}{suffix}"
    tiles.store(key, z, x, y, b"packed")
    assert (Path(settings.MEDIA_ROOT) / "tiles" / in_tiles_volume).read_bytes() == b"packed"


def test_nginx_says_the_same_of_a_tile_as_the_portal():
    from portal import api_tiles

    conf = text("deploy/nginx.conf")
    assert f"default_type {api_tiles.MVT};" in conf
    assert f'add_header Cache-Control "{api_tiles.FOREVER}";' in conf
    assert "add_header Content-Encoding gzip;" in conf


def test_nginx_sees_no_upload(compose):
    assert not any("media" in volume for volume in compose["services"]["nginx"]["volumes"])


def test_nginx_lets_the_largest_upload_through(app_environment):
    limit = int(re.search(r"client_max_body_size (\d+)m;", text("deploy/nginx.conf"))[1])
    assert limit > int(resolved(app_environment["UPLOAD_MAX_MB"]))
    assert int(resolved(app_environment["UPLOAD_MAX_MB"])) * 1024 * 1024 == settings.UPLOAD_MAX_BYTES


def test_nginx_says_in_words_that_a_file_is_too_large(app_environment):
    """In both languages, to people and to scripts alike, with the limit that holds."""
    conf = text("deploy/nginx.conf")
    assert "error_page 413 $too_large;" in conf
    names = re.findall(r"/(too-large\.\w+);", conf)
    assert sorted(names) == ["too-large.html", "too-large.json"]
    copied = re.search(r"COPY (.+) /srv/front/\n", text("Dockerfile"))[1].split()
    assert sorted(copied) == sorted(f"deploy/{name}" for name in names)
    assert re.search(r"location ~ \S+too-large\S+ \{\s+internal;\s+root /srv/front;", conf)
    limit = f"{resolved(app_environment['UPLOAD_MAX_MB'])} MB"
    for name in names:
        said = text(f"deploy/{name}")
        assert said.count(limit) == 2, name
        assert "文件太大" in said
        assert "too large" in said
    assert "style" not in text("deploy/too-large.html")
    error = json.loads(text("deploy/too-large.json"))["error"]
    assert error["code"] == TooLarge.code


def test_redis_keeps_jobs_on_disk_and_never_drops_one(compose):
    command = compose["services"]["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_only_the_web_server_is_reached_from_nginx(compose):
    assert compose["networks"]["inside"] == {"internal": True}
    outside = {name for name, service in compose["services"].items() if "outside" in service["networks"]}
    assert outside == {"web", "nginx"}


def test_the_application_is_no_superuser_of_the_database(compose, app_environment):
    script = text("deploy/db/20_app_role.sh")
    assert f"CREATE ROLE {app_environment['DB_USER']} LOGIN PASSWORD" in script
    assert f"ALTER DATABASE {app_environment['DB_NAME']} OWNER TO {app_environment['DB_USER']};" in script
    assert "ALTER ROLE postgres PASSWORD NULL;" in script
    assert compose["services"]["db"]["environment"]["POSTGRES_USER"] != app_environment["DB_USER"]
    assert compose["services"]["db"]["environment"]["POSTGRES_DB"] == app_environment["DB_NAME"]


def test_lock_files_name_no_download_address():
    assert '"resolved"' not in text("package-lock.json")
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert not re.search(r"https?:|file:|--index|--find-links", text(name)), name


def packages_in(name: str) -> list[str]:
    return [line for line in text(name).splitlines() if line and not line.startswith(("#", "-"))]


def test_every_package_has_a_word_why():
    for line in packages_in("requirements.in") + packages_in("requirements-dev.in"):
        assert re.search(r"\S\s+# \w.{5,}", line), line


def test_locked_files_hold_every_package_asked_for_with_a_hash():
    for name in ("requirements", "requirements-dev"):
        locked = text(f"{name}.txt")
        for line in packages_in(f"{name}.in"):
            package = re.match(r"[a-z0-9-]+", line)[0]
            assert re.search(rf"^{package}(\[[a-z]+\])?==\S+ (;[^\\]*)?\\\n    --hash=sha256:", locked, re.M), package


def test_tests_run_the_versions_that_ship():
    pins = re.compile(r"^([a-z0-9-]+)(?:\[.*\])?==(\S+)", re.M)
    shipped, tested = (set(pins.findall(text(name))) for name in ("requirements.txt", "requirements-dev.txt"))
    assert shipped <= tested


def test_no_access_log_holds_what_stands_behind_the_question_mark():
    """A place of the map is asked in the query of an address; where people live is nobody's log."""
    for path, sign in (("deploy/entrypoint.sh", "%"), ("deploy/supervisord.conf", "%%")):
        written = re.search(r"--access-logformat '([^']+)'", text(path))[1]
        assert f"{sign}(U)s" in written, path
        assert not re.findall(r"%\((?:r|q|f)\)s", written), path
    conf = text("deploy/nginx.conf")
    formats = re.findall(r"log_format (\w+) '([^']+)'", conf)
    assert [name for name, _format in formats] == ["path_only"]
    for word in ("$request ", '$request"', "$args", "$query_string", "$request_uri", "$http_referer"):
        assert word not in formats[0][1]
    assert re.findall(r"access_log (?!off)(.+);", conf) == ["/var/log/nginx/access.log path_only"]
