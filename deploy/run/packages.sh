# Debian and Ubuntu packages: only what is missing, and never a server started or a cluster made by them. Sourced by ./run.

MIN_NODE=18

# Not grep -q: it leaves early, and under pipefail the writer's broken pipe would count as "not found".
has_library() { /sbin/ldconfig -p | grep "lib$1\.so" >/dev/null; }

# The system's own Python first: a system user can reach it, which one in somebody's home it cannot.
find_python() {
  local python
  for python in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
    "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null &&
      command -v "$python" && return 0
  done
  return 1
}

node_is_new_enough() {
  [ "$(node --version 2>/dev/null | sed 's/v\([0-9]*\).*/\1/')" -ge "$MIN_NODE" ] 2>/dev/null
}

missing_packages() {
  postgres_bin >/dev/null || echo postgresql
  command -v redis-server >/dev/null || echo redis-server
  node_is_new_enough || echo nodejs
  command -v npm >/dev/null || echo npm
  command -v msgfmt >/dev/null || echo gettext
  has_library gdal || echo gdal-bin
  has_library seccomp || echo libseccomp2
  find_python >/dev/null || echo python3-venv
  dpkg-query -W -f '${Status}' fonts-noto-cjk 2>/dev/null | grep ' installed' >/dev/null || echo fonts-noto-cjk
}

ensure_packages() {
  local missing
  missing="$(missing_packages | tr '\n' ' ')"
  [ -z "${missing// /}" ] || install_packages $missing
  missing="$(missing_packages | tr '\n' ' ')"
  [ -z "${missing// /}" ] || die "still missing or too old after the installation: $missing"
}

# The name differs by release (postgresql-15-postgis-3 in Debian 12, -16- in Ubuntu 24.04): take the newest on offer.
postgis_packages() {
  local version
  version="$(apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' | sed 's/^postgresql-\([0-9]*\)-.*/\1/' | sort -n | tail -1)"
  [ "${version:-0}" -ge "$MIN_POSTGRES" ] || die "this release offers no PostgreSQL >= $MIN_POSTGRES with PostGIS"
  echo "postgresql-$version postgresql-$version-postgis-3"
}

install_packages() {
  local names=" $* "
  command -v apt-get >/dev/null || die "please install: $* (this script knows apt only)"
  say "Installing packages: $*"
  as_root apt-get update -qq </dev/null
  names="${names/ postgresql / $(postgis_packages) }"
  (
    trap release_servers EXIT
    hold_servers
    # shellcheck disable=SC2086  # a list of names
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
      apt-get install -y -qq --no-install-recommends $names </dev/null >"$LOCAL/logs/apt.log" 2>&1 ||
      { tail -20 "$LOCAL/logs/apt.log" >&2; die "apt-get failed, see .local/logs/apt.log"; }
  )
  # We want the programs only: a Redis that was not here before shall not start with the machine.
  if [[ $names == *" redis-server "* ]]; then
    as_root update-rc.d redis-server disable >/dev/null 2>&1 || true
    as_root deb-systemd-helper disable redis-server.service >/dev/null 2>&1 || true
  fi
}

POLICY=/usr/sbin/policy-rc.d
NO_CLUSTER=/etc/postgresql-common/createcluster.d/$OWN_USER.conf

# While packages install, Debian would start Redis on 6379 and make a cluster on 5432; these two files say no.
hold_servers() {
  as_root mkdir -p "$(dirname "$NO_CLUSTER")"
  echo "create_main_cluster = false" | as_root tee "$NO_CLUSTER" >/dev/null
  if [ ! -e "$POLICY" ]; then
    printf '#!/bin/sh\n# %s: no service starts while its packages install\nexit 101\n' "$OWN_USER" | as_root tee "$POLICY" >/dev/null
    as_root chmod 0755 "$POLICY"
  fi
}

release_servers() {
  as_root rm -f "$NO_CLUSTER"
  if grep -qs "# $OWN_USER:" "$POLICY"; then as_root rm -f "$POLICY"; fi
}

# Browser tests drive a real Chromium. Ubuntu's package of that name is an empty shell around a snap.
find_chromium() {
  local path
  for path in "${CHROMIUM:-}" /usr/bin/chromium /usr/bin/google-chrome /usr/bin/chromium-browser \
    "$LOCAL"/browsers/chromium-*/chrome-linux*/chrome; do
    [ -n "$path" ] && [ -x "$path" ] && ! head -c 4096 "$path" | grep -a /snap/ >/dev/null && echo "$path" && return 0
  done
  return 1
}

is_ubuntu() { grep -qs '^ID=ubuntu' /etc/os-release; }

ensure_chromium() {
  find_chromium >/dev/null && return 0
  if is_ubuntu; then
    say "Ubuntu has no Chromium outside snap: fetching Playwright's own into .local/browsers"
    PLAYWRIGHT_BROWSERS_PATH="$LOCAL/browsers" "$PYTHON" -m playwright install --with-deps chromium >&2 || true
  else
    install_packages chromium chromium-sandbox
  fi
  find_chromium >/dev/null ||
    die "no Chromium for the browser tests. Install one (on Ubuntu e.g. Google Chrome's .deb) or name it in CHROMIUM=/path."
}
