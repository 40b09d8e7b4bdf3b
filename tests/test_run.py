"""The script ./run: what it promises without starting anything. That it starts everything is shown by using it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.test_deploy import settings_readers

ROOT = Path(__file__).resolve().parent.parent
PARTS = sorted((ROOT / "deploy" / "run").glob("*.sh"))


def bash(script: str, root: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run a few lines of bash after sourcing the parts of ./run for a checkout at `root`."""
    sources = "\n".join(f". '{part}'" for part in [ROOT / "deploy/run/environment.sh", *PARTS])
    lines = f'set -euo pipefail\nROOT=\'{root}\'\n{sources}\nmanage() {{ echo manage "$@" >>"$LOCAL/called"; }}\nmkdir -p "$LOCAL"\n{script}'
    path = {"PATH": f"{root / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin"}
    return subprocess.run(
        ["bash", "-c", lines], env={**path, **environment}, capture_output=True, text=True, timeout=60
    )


def output(script: str, root: Path, **environment: str) -> str:
    done = bash(script, root, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands() -> set[str]:
    main = (ROOT / "run").read_text().split("\nmain() {")[1]
    return set(re.findall(r"^    ([a-z-]+)(?: \||\))", main, re.M))


@pytest.mark.parametrize(
    "path",
    [ROOT / "run", ROOT / ".ci/run", ROOT / "deploy/entrypoint.sh", ROOT / "deploy/db/20_app_role.sh", *PARTS],
    ids=lambda p: p.name,
)
def test_a_script_has_no_syntax_error(path):
    assert subprocess.run(["bash", "-n", path], capture_output=True).returncode == 0


@pytest.mark.parametrize("name", ["run", ".ci/run", "deploy/entrypoint.sh", "deploy/db/20_app_role.sh"])
def test_a_script_that_is_called_can_be_executed(name):
    assert (ROOT / name).stat().st_mode & 0o111


def test_help_lists_every_command_and_no_other():
    text = subprocess.run([ROOT / "run", "help"], capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"^  ([a-z-]+) ", text, re.M))
    assert listed == commands()
    assert {
        "demo",
        "stop",
        "reset",
        "restart",
        "logs",
        "status",
        "manage",
        "test",
        "lint",
        "bench",
        "setup",
        "help",
    } <= listed


def test_an_unknown_command_fails_and_shows_the_help():
    done = subprocess.run([ROOT / "run", "nonsense"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "demo [--detach]" in done.stderr
    assert "no command nonsense" in done.stderr


def test_the_environment_file_holds_names_that_the_settings_read_and_all_they_need(tmp_path):
    output("ensure_env_file", tmp_path)
    names = {line.split("=")[0] for line in (tmp_path / ".local/env").read_text().splitlines() if line}
    readers = settings_readers()
    assert names <= set(readers)
    assert names >= {name for name, required in readers.items() if required}


def test_secrets_are_made_for_each_checkout_and_kept(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for root in (first, second):
        output("ensure_env_file", root)
    kept = (first / ".local/env").read_text()
    output("ensure_env_file", first)
    assert (first / ".local/env").read_text() == kept
    for name in ("SECRET_KEY", "DB_PASSWORD", "REDIS_URL"):
        values = {re.search(f"^{name}=(.+)$", (root / ".local/env").read_text(), re.M)[1] for root in (first, second)}
        assert len(values) == 2, name


def test_folders_follow_a_checkout_that_was_moved(tmp_path):
    output("ensure_env_file", tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    said = output('load_env; echo "$MEDIA_ROOT $STATIC_ROOT"', tmp_path / "new")
    assert said == f"{tmp_path}/new/.local/media {tmp_path}/new/.local/static\n"


def test_nobody_else_may_read_the_environment_file(tmp_path):
    output("ensure_env_file; set_web_port 8123", tmp_path)
    assert (tmp_path / ".local/env").stat().st_mode & 0o077 == 0


def test_a_changed_port_changes_the_address_and_nothing_else(tmp_path):
    output("ensure_env_file", tmp_path)
    before = dict(line.split("=", 1) for line in (tmp_path / ".local/env").read_text().split("\n") if line)
    assert output("set_web_port 8123; web_port", tmp_path) == "8123\n"
    after = dict(line.split("=", 1) for line in (tmp_path / ".local/env").read_text().split("\n") if line)
    assert {name for name in after if after[name] != before[name]} == {"SITE_URL", "CSRF_TRUSTED_ORIGINS"}
    assert after["CSRF_TRUSTED_ORIGINS"] == "http://127.0.0.1:8123,http://localhost:8123"


def test_a_variable_of_the_caller_never_leads_to_a_foreign_database(tmp_path):
    said = output('load_env; echo "$DB_HOST $DB_NAME"', tmp_path, DB_HOST="db.example.org", DB_NAME="theirs")
    assert said.split()[0].startswith("/")
    assert said.split()[1] == "portal"


@pytest.mark.parametrize(("start", "port"), [(5432, 5433), (6379, 6380), (7000, 7000)])
def test_the_standard_ports_of_postgresql_and_redis_are_never_taken(tmp_path, start, port):
    assert output(f"port_is_free() {{ true; }}; free_port {start}", tmp_path) == f"{port}\n"


def test_a_taken_port_is_passed_over(tmp_path):
    assert output('port_is_free() { [ "$1" -gt 8002 ]; }; free_port 8000', tmp_path) == "8003\n"


@pytest.mark.parametrize("depth", [1, 30])
def test_the_path_of_the_socket_fits_however_deep_the_checkout_lies(tmp_path, depth):
    root = tmp_path.joinpath(*["a-long-folder-name"] * depth)
    for user in ("true", "false"):
        socket = (
            output(f"is_root() {{ {user}; }}; as_service_user() {{ true; }}; socket_dir", root).strip()
            + "/.s.PGSQL.5500.lock"
        )
        assert len(socket) < 107


def test_a_checkout_that_the_system_user_cannot_reach_gets_its_databases_outside(tmp_path):
    home = output("is_root() { true; }; as_service_user() { false; }; state_home", tmp_path).strip()
    assert re.fullmatch(r"/var/lib/vpportal/[0-9a-f]{12}", home)
    assert output("is_root() { true; }; as_service_user() { true; }; state_home", tmp_path).strip() == str(
        tmp_path / ".local"
    )
    assert output("is_root() { false; }; state_home", tmp_path).strip() == str(tmp_path / ".local")


def test_no_package_manager_is_called_when_nothing_is_missing(tmp_path):
    stubs = "missing_packages() { :; }; install_packages() { echo installed; }"
    assert output(f"{stubs}; ensure_packages", tmp_path) == ""


def test_what_is_missing_is_installed_and_what_stays_missing_is_named(tmp_path):
    stubs = "missing_packages() { echo npm; echo gettext; }; install_packages() { echo installed $*; }"
    done = bash(f"{stubs}; ensure_packages", tmp_path)
    assert done.stdout == "installed npm gettext\n"
    assert done.returncode == 1
    assert "npm gettext" in done.stderr


def test_packages_bring_no_running_server_and_no_cluster(tmp_path):
    stubs = f"""
      POLICY={tmp_path}/policy-rc.d NO_CLUSTER={tmp_path}/createcluster.d/none.conf
      as_root() {{ "$@"; }}
      apt-get() {{ case "$1" in install) cat "$POLICY" "$NO_CLUSTER" ;; esac; }}
      env() {{ shift 2; "$@"; }}
      apt-cache() {{ printf 'postgresql-15-postgis-3 - x\\npostgresql-9-postgis-3 - x\\npostgresql-16-postgis-3 - x\\n'; }}
      mkdir -p "$LOCAL/logs"; install_packages postgresql gettext; cat "$LOCAL/logs/apt.log"; postgis_packages"""
    said = output(stubs, tmp_path)
    assert "exit 101" in said
    assert "create_main_cluster = false" in said
    assert said.endswith("postgresql-16 postgresql-16-postgis-3\n")
    assert not (tmp_path / "policy-rc.d").exists()
    assert not (tmp_path / "createcluster.d/none.conf").exists()


def test_a_policy_of_the_machine_is_left_alone(tmp_path):
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    stubs = f'POLICY={policy} NO_CLUSTER={tmp_path}/c/none.conf; as_root() {{ "$@"; }}; hold_servers; release_servers'
    output(stubs, tmp_path)
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A checkout whose Python and npm only note that they were called."""
    for name in (
        "requirements.txt",
        "requirements-dev.txt",
        "package.json",
        "package-lock.json",
        "static/css/pages/a.css",
        "static/js/pages/a.js",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    tools = {
        ".local/venv/bin/python": '[ "$1" = -c ] || echo "$2 $3" >>"$LOG"',
        "bin/npm": 'echo "npm $1 $2" >>"$LOG"; mkdir -p node_modules .local/dist',
    }
    for name, body in tools.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\nLOG='{tmp_path}/called'\n{body}\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def calls_of_setup(checkout: Path, step: str = "setup") -> list[str]:
    log = checkout / "called"
    log.write_text("")
    output(
        "missing_packages() { :; }; ensure_own_user() { :; }\n"
        'manage() { echo "manage $1" >>"$ROOT/called"; mkdir -p "$LOCAL/static"; touch "$LOCAL/static/staticfiles.json"; }\n'
        f"mkdir -p '{checkout}/portal'; {step}",
        checkout,
    )
    return log.read_text().split("\n")[:-1]


def test_a_second_setup_calls_nothing_so_it_needs_no_network(checkout):
    assert calls_of_setup(checkout) == [
        "pip install",
        "npm ci --ignore-scripts",
        "npm run --silent",
        "manage collectstatic",
    ]
    assert calls_of_setup(checkout) == []


def test_setup_does_again_only_what_a_change_asks_for(checkout):
    calls_of_setup(checkout)
    (checkout / "static/js/pages/a.js").write_text("changed, and longer")
    assert calls_of_setup(checkout) == ["npm run --silent", "manage collectstatic"]
    (checkout / "requirements.txt").write_text("changed")
    assert calls_of_setup(checkout)[0] == "pip install"
    (checkout / "package-lock.json").write_text("changed")
    assert calls_of_setup(checkout) == ["npm ci --ignore-scripts", "npm run --silent"]


def test_the_demo_is_content_with_what_the_tests_installed(checkout):
    calls_of_setup(checkout, "prepare requirements-dev")
    assert calls_of_setup(checkout) == ["manage collectstatic"]


def test_the_tests_add_what_the_demo_did_not_install(checkout):
    calls_of_setup(checkout)
    assert calls_of_setup(checkout, "prepare requirements-dev") == ["pip install"]


def test_a_snap_is_not_taken_for_a_browser(tmp_path):
    stub, browser = tmp_path / "stub", tmp_path / "chrome"
    stub.write_text("#!/bin/sh\nexec /snap/bin/chromium\n")
    browser.write_text("#!/bin/sh\n")
    for path in (stub, browser):
        path.chmod(0o755)
    assert output("find_chromium", tmp_path, CHROMIUM=str(browser)) == f"{browser}\n"
    assert output("find_chromium || echo none", tmp_path, CHROMIUM=str(stub)).strip() != str(stub)


def test_two_test_runs_in_one_checkout_do_not_meet_each_other_or_the_demo(tmp_path):
    claim = 'claim_test_slot; echo "$DB_NAME $REDIS_URL"'
    said = output(f"REDIS_URL=redis://:p@127.0.0.1:7000/0; {claim}; ( exec 7>&-; {claim} )", tmp_path)
    assert said == "portal redis://:p@127.0.0.1:7000/1\nportal1 redis://:p@127.0.0.1:7000/3\n"


def test_a_command_that_fails_makes_the_script_fail():
    assert subprocess.run([ROOT / "run", "manage", "no-such-command"], capture_output=True).returncode != 0


def test_every_variable_of_the_supervisor_is_set_by_the_script():
    wanted = set(re.findall(r"ENV_(VP_[A-Z]+)", (ROOT / "deploy/supervisord.conf").read_text()))
    exports = re.findall(r"^  export (.*)$", (ROOT / "deploy/run/demo.sh").read_text(), re.M)
    assert wanted == {name.split("=")[0] for line in exports for name in line.split() if name.startswith("VP_")}


def test_continuous_integration_runs_what_developers_run():
    assert (ROOT / ".ci/run").read_text().rstrip().endswith("./run test")
