# The private PostgreSQL cluster and the private Redis. Sourced by ./run.

MIN_POSTGRES=15

# Newest installed server that has PostGIS beside it.
postgres_bin() {
  local bin version
  for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr); do
    version="$(basename "$(dirname "$bin")")"
    [ -x "$bin/postgres" ] && [ "${version%%.*}" -ge "$MIN_POSTGRES" ] 2>/dev/null || continue
    [ -f "/usr/share/postgresql/$version/extension/postgis.control" ] && echo "$bin" && return 0
  done
  return 1
}

# A cluster can only be opened by the version that made it, even after a newer one was installed.
cluster_bin() {
  local version
  version="$(as_service_user cat "$PG_DATA/PG_VERSION" 2>/dev/null || true)"
  if [ -z "$version" ]; then postgres_bin; return; fi
  [ -x "/usr/lib/postgresql/$version/bin/postgres" ] || die ".local/pg was made by PostgreSQL $version, which is gone"
  echo "/usr/lib/postgresql/$version/bin"
}

locate_services() {
  PG_DATA="$(state_home)/pg"
  REDIS_DIR="$(state_home)/redis"
  SOCKETS="$(socket_dir)"
}

postgres_running() { [ -e "$LOCAL/pg" ] && as_service_user "$(cluster_bin)/pg_ctl" -D "$PG_DATA" status >/dev/null 2>&1; }

# Superuser of the private cluster: the system user, by peer authentication on the socket, without a password.
psql_super() {
  as_service_user "$(cluster_bin)/psql" -h "$SOCKETS" -p "$DB_PORT_NUMBER" -U postgres -qAtX -v ON_ERROR_STOP=1 "$@"
}

create_cluster() {
  local bin
  ! is_root || prune_outside
  bin="$(cluster_bin)" || die "no PostgreSQL >= $MIN_POSTGRES with PostGIS found; ./run setup installs it"
  say "Creating a private PostgreSQL cluster in .local/pg"
  as_service_user "$bin/initdb" -D "$PG_DATA" -U postgres --data-checksums --encoding=UTF8 --locale=C.UTF-8 \
    --auth-local=peer --auth-host=reject >/dev/null
  as_service_user tee "$PG_DATA/pg_hba.conf" >/dev/null <<END
local all postgres peer map=own
local all all scram-sha-256
END
  as_service_user tee "$PG_DATA/pg_ident.conf" >/dev/null <<<"own $(service_user) postgres"
  as_service_user tee -a "$PG_DATA/postgresql.conf" >/dev/null <<END
listen_addresses = ''
password_encryption = scram-sha-256
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off # compiling costs more than our short spatial queries take
log_line_prefix = '%m [%p] %d '
END
}

start_postgres() {
  ensure_state_dir pg
  ensure_socket_dir
  set_env DB_HOST "$SOCKETS"
  [ -s "$LOCAL/pg/PG_VERSION" ] || create_cluster
  ln -sfn "$PG_DATA/server.log" "$LOCAL/logs/postgres.log"
  postgres_running || as_service_user "$(cluster_bin)/pg_ctl" -D "$PG_DATA" -l "$PG_DATA/server.log" -w -t 60 -s \
    -o "-k '$SOCKETS' -p $DB_PORT_NUMBER" start 9>&- 8>&- || die "PostgreSQL did not start, see .local/logs/postgres.log"
  [ -e "$LOCAL/stamps/database" ] || create_database
}

# The role of the application is no superuser, so PostGIS goes into template1, from where every database inherits it.
create_database() {
  local user password name
  user="$(env_value DB_USER)" password="$(env_value DB_PASSWORD)" name="$(env_value DB_NAME)"
  psql_super -d template1 -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION IF NOT EXISTS postgis'
  psql_super -d postgres -v user="$user" -v password="$password" -v name="$name" >/dev/null <<'END'
SELECT format('CREATE ROLE %I LOGIN CREATEDB', :'user') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'user') \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'user', :'password') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'user') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
END
  touch "$LOCAL/stamps/database"
}

stop_postgres() {
  postgres_running || return 0
  as_service_user "$(cluster_bin)/pg_ctl" -D "$PG_DATA" -m fast -w -t 60 -s stop
}

redis_pid() { cat "$LOCAL/redis/redis.pid" 2>/dev/null || true; }

# Ours is the process that runs in our folder: a pid file alone may name a stranger after a restart of the machine.
redis_running() {
  local pid
  pid="$(redis_pid)"
  [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$(readlink -f "$REDIS_DIR")" ]
}

# noeviction: the broker's messages live here, a full memory must be an error and not a lost job.
write_redis_conf() {
  as_service_user install -m 0600 /dev/null "$REDIS_DIR/redis.conf"
  as_service_user tee "$REDIS_DIR/redis.conf" >/dev/null <<END
bind 127.0.0.1
port $1
requirepass $2
daemonize yes
pidfile "$REDIS_DIR/redis.pid"
logfile "$REDIS_DIR/redis.log"
dir "$REDIS_DIR"
appendonly yes
maxmemory 512mb
maxmemory-policy noeviction
END
}

start_redis() {
  local port password
  ensure_state_dir redis
  ln -sfn "$REDIS_DIR/redis.log" "$LOCAL/logs/redis.log"
  password="$(env_value REDIS_URL | sed 's/.*:\(.*\)@.*/\1/')"
  port="$(redis_port)"
  if redis_running; then
    if redis_conf_says "port $port" && redis_conf_says "requirepass $password"; then return 0; fi
    stop_redis # .local/env was written anew
  fi
  port_is_free "$port" || port="$(free_port "$((port + 1))")"
  set_redis_port "$port" "$password"
  write_redis_conf "$port" "$password"
  as_service_user redis-server "$REDIS_DIR/redis.conf" >/dev/null 9>&- 8>&-
  wait_until 10 redis_answers || die "Redis did not start, see .local/logs/redis.log"
}

redis_conf_says() { as_service_user grep -Fxq -- "$1" "$REDIS_DIR/redis.conf"; }

redis_answers() { ! port_is_free "$(redis_port)" && redis_running; }

# What a deleted checkout of the same path left running: known by the folders they work in.
stop_leftovers() {
  local home="$1" pid
  for pid in $(head -qn1 "$home/pg/postmaster.pid" "$home/redis/redis.pid" 2>/dev/null); do
    case "$(readlink "/proc/$pid/cwd" 2>/dev/null)" in
      "$home"/*) kill -INT "$pid" && wait_until 20 process_gone "$pid" ;;
    esac
  done
}

process_gone() { [ -z "$(readlink "/proc/$1/cwd" 2>/dev/null)" ]; } # a zombie has none, and counts as gone

# Temporary clones are often deleted without ./run reset; their databases outside must not pile up.
prune_outside() {
  local note checkout
  for note in "/var/lib/$OWN_USER"/*/checkout; do
    checkout="$(cat "$note" 2>/dev/null || true)"
    case "$checkout" in
      /tmp/* | /var/tmp/*) [ -d "$checkout" ] || remove_outside "$(dirname "$note")" ;;
    esac
  done
}

remove_outside() {
  stop_leftovers "$1"
  rm -rf -- "$1"
}

stop_redis() {
  redis_running || return 0
  kill "$(redis_pid)" # TERM: Redis writes its file and goes
  wait_until 20 redis_stopped || die "Redis does not stop"
}

redis_stopped() { ! redis_running; }

wait_until() {
  local seconds="$1" end
  shift
  end=$((SECONDS + seconds))
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep "${pause:-0.2}"
  done
}

start_services() {
  ensure_own_user
  ensure_env_file
  locate_services
  start_postgres
  start_redis
}

stop_services() {
  [ -s "$ENV_FILE" ] || return 0
  locate_services
  stop_redis
  stop_postgres
}

services_running() {
  [ -s "$ENV_FILE" ] || return 1
  locate_services
  postgres_running && redis_running
}
