# The demo: web, worker and scheduler under one supervisor. Sourced by ./run.

SUPERVISOR_CONF="$ROOT/deploy/supervisord.conf"
SUPERVISOR_DIR="$LOCAL/supervisor"

# Root's demo runs as the system user, if that user can reach the code and the interpreter; else it stays root
# (a 0700 clone, a Python in root's home), because moving the code elsewhere would be worse.
app_user() {
  if is_root && ! as_service_user sh -c 'cd "$1" && test -r manage.py && test -r portal/settings.py && "$2" -c "import celery"' \
    sh "$ROOT" "$PYTHON" 2>/dev/null; then
    echo root
  else
    service_user
  fi
}

# Folders the programs write to. Group and setgid let root's own ./run manage and the programs share uploads.
prepare_writable() {
  local user dir
  user="$1"
  for dir in "$LOCAL/media" "$SUPERVISOR_DIR"; do
    mkdir -p "$dir"
    if is_root; then
      chown -R "$user:$user" "$dir"
      chmod 2775 "$dir"
    fi
  done
}

load_supervisor_env() {
  local user
  load_env
  locate_services
  user="$(app_user)"
  export VP_ROOT="$ROOT" VP_PYTHON="$PYTHON" VP_STATE="$SUPERVISOR_DIR" VP_LOGS="$LOCAL/logs" VP_SOCKET="$SOCKETS/supervisor.sock"
  export VP_USER="$user" VP_STARTER VP_PORT VP_HOME
  VP_STARTER="$(id -un)"
  VP_PORT="$(web_port)"
  VP_HOME="$(getent passwd "$user" | cut -d: -f6)"
}

supervisor_pid() { cat "$SUPERVISOR_DIR/supervisord.pid" 2>/dev/null || true; }

supervisor_running() {
  local pid
  pid="$(supervisor_pid)"
  [ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -Fx -- "$SUPERVISOR_CONF" >/dev/null
}

supervisor_gone() { ! supervisor_running; }

# What the programs read once, when they start.
code_now() { hash_tree manage.py portal/*.py portal/geo portal/models portal/locale villages planning indicators templates static/dist requirements.txt; }

# Programs that run with the code and the static files of before are started anew.
start_programs() {
  local now
  now="$(code_now)"
  if supervisor_running; then
    if stamp_is running "$now"; then return 0; fi
    say "Restarting web, worker and scheduler: the code has changed"
    stop_programs
  fi
  set_stamp running "$now"
  load_supervisor_env
  prepare_writable "$VP_USER"
  rm -f "$SUPERVISOR_DIR/beat.pid"
  (cd "$ROOT" && "$PYTHON" -m supervisor.supervisord -c "$SUPERVISOR_CONF") >/dev/null 9>&- 8>&-
}

stop_programs() {
  supervisor_running || return 0
  kill "$(supervisor_pid)"
  wait_until 60 supervisor_gone || die "the supervisor does not stop, see .local/logs/supervisord.log"
}

supervisorctl() {
  (load_supervisor_env && cd "$ROOT" && "$PYTHON" -m supervisor.supervisorctl -c "$SUPERVISOR_CONF" "$@")
}

# Status of a page of ours, by bash alone: nothing to install, nothing that could use a proxy.
http_status() (
  exec 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$(web_port)" || exit 0
  printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$1" "$(web_port)" >&3
  read -r -t 10 _ code _ <&3 || true
  echo "${code:-}"
)

page_is_fine() { [ "$(http_status "$1")" = 200 ]; }

wait_healthy() {
  local pause=0.5 # each question that is answered "not yet" leaves a line in the log
  wait_until 120 page_is_fine /healthz || not_healthy web
  wait_until 120 page_is_fine /readyz || not_healthy worker
}

not_healthy() {
  tail -n 20 "$LOCAL/logs/$1.log" >&2
  die "the $1 is not healthy; its last words are above (./run logs $1). ./run status shows what runs, ./run stop stops it."
}

# Keeps the remembered port, unless another program took it while we were away.
choose_port() {
  local port="${1:-$(web_port)}"
  if supervisor_running; then
    [ "$port" = "$(web_port)" ] || die "the demo runs on port $(web_port) already; ./run stop first"
    return 0
  fi
  if ! port_is_free "$port"; then
    [ -z "${1:-}" ] || die "port $port is taken"
    port="$(free_port "$((port + 1))")"
    say "Port $(web_port) is taken, using $port"
  fi
  set_web_port "$port"
}

start_demo() { # start_demo [PORT]
  setup
  choose_port "${1:-}"
  services_start
  load_env
  say "Bringing the database up to date"
  manage migrate --noinput -v0
  start_programs
  wait_healthy
  say "Loading the demo county (what is there already stays)"
  manage seed_demo >&2
  wait_healthy
}

demo() {
  local detach="" port=""
  while [ $# -gt 0 ]; do
    case "$1" in
      --detach) detach=yes ;;
      --port) port="${2:?--port needs a number}"; shift ;;
      *) die "demo knows --detach and --port N, not $1" ;;
    esac
    shift
  done
  [ -n "$detach" ] || trap 'locked stop_all; exit 0' INT TERM
  locked start_demo "$port"
  load_env
  manage demo_info
  [ -n "$detach" ] || follow_logs
}

follow_logs() {
  local tail_pid
  say "Ctrl-C stops the demo."
  tail -q -n 0 -F "$LOCAL/logs/web.log" "$LOCAL/logs/worker.log" "$LOCAL/logs/scheduler.log" &
  tail_pid=$!
  trap 'kill "$tail_pid" 2>/dev/null; locked stop_all; exit 0' INT TERM
  wait "$tail_pid" || true
}

stop_all() {
  stop_programs
  stop_services
  rm -f "$LOCAL/stamps/borrowed"
}

restart_programs() {
  stop_programs
  services_start
  start_programs
  wait_healthy
}

status() {
  locate_services
  [ -s "$ENV_FILE" ] || { echo "nothing here yet: ./run demo"; return 0; }
  echo "postgres   $(if postgres_running; then echo "running, socket in $SOCKETS"; else echo stopped; fi)"
  echo "redis      $(if redis_running; then echo "running, port $(redis_port)"; else echo stopped; fi)"
  if ! supervisor_running; then
    echo "demo       stopped"
    return 0
  fi
  supervisorctl status || true
  echo "demo       $(env_value SITE_URL) healthz $(http_status /healthz) readyz $(http_status /readyz)"
}

show_logs() {
  local files
  if [ -n "${1:-}" ]; then files=("$LOCAL/logs/$1.log"); else files=("$LOCAL"/logs/*.log); fi
  [ -e "${files[0]}" ] || die "no such log; there are: $(cd "$LOCAL/logs" 2>/dev/null && echo *.log)"
  if [ -t 1 ]; then tail -n 100 -F "${files[@]}"; else tail -n 100 "${files[@]}"; fi
}

# Drops databases, uploads and queues; keeps the virtual environment and the chosen ports.
reset() {
  local answer
  if [ "${1:-}" != --yes ]; then
    [ -t 0 ] || die "reset drops all data of this checkout: say ./run reset --yes"
    read -r -p "Drop all databases, uploads and queues of this checkout? [y/N] " answer
    [ "$answer" = y ] || return 0
  fi
  locked drop_data
}

drop_data() {
  stop_all
  if is_root && [ -e "$LOCAL/outside" ]; then remove_outside "$OUTSIDE"; fi
  rm -rf "$LOCAL/pg" "$LOCAL/redis" "$LOCAL/media" "$LOCAL/sockets" "$LOCAL/supervisor" "$LOCAL/logs" \
    "$LOCAL/outside" "$LOCAL/stamps/database" "$LOCAL/audit-anchor.txt"
  say "All data of this checkout is gone."
}
