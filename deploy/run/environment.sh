# Who runs what, where state lives, and .local/env. Sourced by ./run.

LOCAL="$ROOT/.local"
ENV_FILE="$LOCAL/env"
OWN_USER="vpportal"                       # system user of ours, made only when we are root
CHECKOUT_ID="$(printf %s "$ROOT" | sha256sum | cut -c1-12)"
OUTSIDE="/var/lib/$OWN_USER/$CHECKOUT_ID" # for a checkout the system user cannot reach
DB_PORT_NUMBER=5500                       # names the socket file only: PostgreSQL listens on no network port

say() { printf '%s\n' "$*" >&2; }         # stdout belongs to the command that is run
die() { say "run: $*"; exit 1; }
is_root() { [ "$(id -u)" -eq 0 ]; }
random_hex() { od -An -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }

# PostgreSQL refuses to run as root; as an ordinary user everything runs as that user.
service_user() { if is_root; then echo "$OWN_USER"; else id -un; fi; }

as_service_user() {
  if is_root; then (cd / && exec runuser -u "$OWN_USER" -- "$@"); else "$@"; fi
}

as_root() {
  if is_root; then "$@"; return; fi
  command -v sudo >/dev/null || die "needs root for: $* (no sudo here; run it as root once, then ./run again)"
  sudo "$@"
}

ensure_own_user() {
  is_root || return 0
  id -u "$OWN_USER" >/dev/null 2>&1 ||
    useradd --system --user-group --no-create-home --home-dir "/var/lib/$OWN_USER" --shell /usr/sbin/nologin "$OWN_USER"
  install -d -m 0755 -o "$OWN_USER" -g "$OWN_USER" "/var/lib/$OWN_USER"
}

# Databases live in .local, or outside when the system user cannot walk into the checkout (a 0700 temporary clone).
state_home() {
  if is_root && ! as_service_user test -x "$LOCAL"; then echo "$OUTSIDE"; else echo "$LOCAL"; fi
}

# Makes .local/NAME for the service user and leaves its real path in STATE_DIR.
ensure_state_dir() {
  local name="$1" home owner
  home="$(state_home)"
  owner="$(service_user)"
  STATE_DIR="$home/$name"
  if [ "$home" != "$LOCAL" ]; then
    # No link in this checkout: what lies there belonged to a deleted checkout of the same path.
    if [ -e "$home" ] && [ ! -e "$LOCAL/outside" ]; then remove_outside "$home"; fi
    install -d -m 0755 -o "$owner" -g "$owner" "$home"
    printf '%s\n' "$ROOT" >"$home/checkout"
    ln -sfn "$home" "$LOCAL/outside"
    [ -d "$LOCAL/$name" ] && [ ! -L "$LOCAL/$name" ] && mv "$LOCAL/$name" "$STATE_DIR"
    ln -sfn "$STATE_DIR" "$LOCAL/$name"
  fi
  install -d -m "${2:-0700}" "$STATE_DIR"
  ! is_root || chown "$owner:$owner" "$STATE_DIR"
}

# A unix socket path may have 107 bytes, so a deep checkout gets its sockets elsewhere.
socket_dir() {
  local home dir
  home="$(state_home)"
  dir="$home/sockets"
  if [ "${#dir}" -gt 70 ]; then
    if is_root; then dir="$OUTSIDE/sockets"; else dir="/tmp/$OWN_USER-$(id -u)-$CHECKOUT_ID"; fi
  fi
  echo "$dir"
}

ensure_socket_dir() {
  local dir owner
  dir="$(socket_dir)"
  owner="$(service_user)"
  if is_root; then install -d -m 0700 -o "$owner" -g "$owner" "$dir"; else mkdir -p -m 0700 "$dir"; fi
  [ "$(stat -c %U "$dir")" = "$owner" ] || die "$dir belongs to someone else"
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# First free loopback port from $1 on; never the standard ports of PostgreSQL and Redis.
free_port() {
  local port="$1"
  while [ "$port" = 5432 ] || [ "$port" = 6379 ] || ! port_is_free "$port"; do port=$((port + 1)); done
  echo "$port"
}

env_value() { sed -n "s/^$1=//p" "$ENV_FILE"; }

set_env() {
  local name="$1" value="$2" rest
  [ "$(env_value "$name")" != "$value" ] || return 0
  rest="$(grep -v "^$name=" "$ENV_FILE" || true)"
  (umask 077 && printf '%s\n%s=%s\n' "$rest" "$name" "$value" >"$ENV_FILE.new")
  mv "$ENV_FILE.new" "$ENV_FILE"
}

web_port() { env_value SITE_URL | sed 's/.*://'; }
redis_port() { env_value REDIS_URL | sed 's/.*:\([0-9]*\)\/.*/\1/'; }

set_web_port() {
  set_env SITE_URL "http://127.0.0.1:$1"
  set_env CSRF_TRUSTED_ORIGINS "http://127.0.0.1:$1,http://localhost:$1"
}

set_redis_port() { set_env REDIS_URL "redis://:$2@127.0.0.1:$1/0"; }

# Written once with passwords of its own; portal/settings.py reads exactly these names.
ensure_env_file() {
  mkdir -p "$LOCAL/logs" "$LOCAL/stamps"
  [ -s "$ENV_FILE" ] || write_env_file
  # Follows a checkout that was moved.
  set_env MEDIA_ROOT "$LOCAL/media"
  set_env STATIC_ROOT "$LOCAL/static"
}

write_env_file() {
  rm -f "$LOCAL/stamps/database" # the database has to learn the new password
  (umask 077 && cat >"$ENV_FILE") <<END
SECRET_KEY=$(random_hex 32)
DEBUG=false
DEMO=true
ALLOWED_HOSTS=127.0.0.1,localhost
DB_HOST=$(socket_dir)
DB_PORT=$DB_PORT_NUMBER
DB_NAME=portal
DB_USER=portal
DB_PASSWORD=$(random_hex 16)
END
  set_redis_port "$(free_port "$((20000 + RANDOM % 10000))")" "$(random_hex 16)"
  set_web_port "$(free_port 8000)"
}

# The file wins over the caller's environment: a stray DB_HOST must never lead to a foreign database.
load_env() {
  local line
  ensure_env_file
  while read -r line; do
    [ -z "$line" ] || export "${line?}"
  done <"$ENV_FILE"
  export DJANGO_SETTINGS_MODULE=portal.settings
}
