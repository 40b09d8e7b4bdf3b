# Virtual environment, front end, translations, static files: made when their sources changed, else nothing is called. Sourced by ./run.

PYTHON="$LOCAL/venv/bin/python"

stamp_is() { [ "$(cat "$LOCAL/stamps/$1" 2>/dev/null)" = "$2" ]; }
set_stamp() { printf '%s\n' "$2" >"$LOCAL/stamps/$1"; }
hash_files() { (cd "$ROOT" && sha256sum "$@" | sha256sum | cut -c1-64); }
# Names, sizes and times are enough to notice an edit, and quick.
hash_tree() {
  (cd "$ROOT" && { find "$@" -type f ! -name '*.pyc' -printf '%p %s %T@\n' 2>/dev/null || true; } | LC_ALL=C sort | sha256sum | cut -c1-64)
}

# ensure_venv requirements | requirements-dev; the second holds all of the first.
ensure_venv() {
  local wanted python
  wanted="$1 $(hash_files requirements.txt requirements-dev.txt) $ROOT"
  if "$PYTHON" -c '' 2>/dev/null; then
    stamp_is venv "$wanted" || stamp_is venv "${wanted/#requirements /requirements-dev }" || fill_venv "$1" "$wanted"
    return 0
  fi
  python="$(find_python)" || die "no Python >= 3.11 with venv found"
  say "Making a virtual environment in .local/venv"
  "$python" -m venv --clear "$LOCAL/venv"
  fill_venv "$1" "$wanted"
}

fill_venv() {
  say "Installing Python packages from $1.txt"
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r "$ROOT/$1.txt" </dev/null >&2
  set_stamp venv "$2"
}

# --ignore-scripts: no package of the front end runs code here while it is installed.
ensure_node_modules() {
  local wanted
  wanted="$(hash_files package.json package-lock.json)"
  if [ -d "$ROOT/node_modules" ] && stamp_is node "$wanted"; then return 0; fi
  say "Installing front-end packages"
  (cd "$ROOT" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error </dev/null >&2)
  set_stamp node "$wanted"
}

ensure_frontend() {
  local wanted
  ensure_node_modules
  wanted="$(hash_tree static/js static/css) $(hash_files package.json package-lock.json)"
  if [ -d "$ROOT/static/dist" ] && stamp_is frontend "$wanted"; then return 0; fi
  # Made beside and changed over: pages that are being served never miss a file for longer than a rename.
  (cd "$ROOT" && rm -rf .local/dist && npm run --silent build -- --outdir=.local/dist --log-level=warning </dev/null >&2)
  rm -rf "$LOCAL/dist-old"
  [ ! -d "$ROOT/static/dist" ] || mv "$ROOT/static/dist" "$LOCAL/dist-old"
  mv "$LOCAL/dist" "$ROOT/static/dist"
  set_stamp frontend "$wanted"
}

# msgfmt is what compilemessages calls; called here it leaves node_modules and .local alone.
ensure_messages() {
  local po mo
  while read -r po; do
    mo="${po%.po}.mo"
    [ "$mo" -nt "$po" ] || msgfmt --check-format -o "$mo" "$po"
  done < <(find "$ROOT/portal" -name '*.po')
}

ensure_static() {
  local wanted
  wanted="$(hash_tree static) $(hash_files requirements.txt)"
  if [ -e "$LOCAL/static/staticfiles.json" ] && stamp_is static "$wanted"; then return 0; fi
  say "Collecting static files"
  load_env
  # Nothing is cleared away: a running server still hands out the files of the build it started with.
  manage collectstatic --noinput -v0
  set_stamp static "$wanted"
}

# Tests read static files where the build left them, so they collect none.
build_all() {
  ensure_frontend
  ensure_messages
  ensure_static
}

# prepare requirements | requirements-dev: all that tests need; they take static files from their sources.
prepare() {
  mkdir -p "$LOCAL/logs" "$LOCAL/stamps"
  ensure_packages
  ensure_venv "$1"
  ensure_own_user
  ensure_env_file
  ensure_frontend
  ensure_messages
}

setup() {
  prepare requirements
  ensure_static
}
