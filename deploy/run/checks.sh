# Lint and tests. Sourced by ./run.

lint() {
  cd "$ROOT"
  "$PYTHON" -m ruff check .
  "$PYTHON" -m ruff format --check .
  "$PYTHON" -m djlint --lint --quiet templates
  bash -n run deploy/run/*.sh deploy/*.sh
  manage check
  manage makemigrations --check --dry-run
}

# Two test runs in one checkout may not meet, nor meet the demo: each takes a database name and two databases of Redis
# (the second is for the second process of pytest-xdist).
claim_test_slot() {
  local slot
  for slot in 0 1 2 3 4 5 6; do
    exec 7>"$LOCAL/test-$slot.lock"
    if flock -n 7; then
      export DB_NAME="portal${slot#0}" REDIS_URL="${REDIS_URL%/*}/$((2 * slot + 1))"
      return 0
    fi
  done
  die "seven test runs are under way already"
}

run_tests() { # without arguments: everything; with arguments: pytest alone
  cd "$ROOT"
  CHROMIUM="$(find_chromium)" && export CHROMIUM
  if [ $# -gt 0 ]; then
    claim_test_slot
    "$PYTHON" -m pytest "$@"
    return
  fi
  lint
  claim_test_slot
  node --test tests/js/*.test.mjs
  # worksteal: each process keeps to its own half, where neighbours start from the same rows; who is done first takes over
  "$PYTHON" -m pytest -n 2 --dist worksteal
}

test_all() {
  locked prepare_tests
  with_services run_tests "$@"
}

prepare_tests() {
  prepare requirements-dev
  ensure_chromium
}

# Reads the number and the seed that a command was given into `count` and `seed`.
count_and_seed() { # COUNT SEED [N] [--seed S]
  count="$1" seed="$2"
  shift 2
  if [[ "${1:-}" =~ ^[0-9]+$ ]]; then count="$1" && shift; fi
  if [ "${1:-}" = --seed ]; then seed="${2:?--seed needs a number}"; fi
}

fuzz_imports() { # [N] [--seed S]
  local count seed
  count_and_seed 2000 20261122 "$@"
  test_all tests/planning/test_fuzz_imports.py -n 2 -rP --fuzz "$count" --fuzz-seed "$seed"
}

workflow_machine() { # [STEPS] [--seed S]
  local count seed
  count_and_seed 10000 20261127 "$@"
  test_all tests/planning/test_workflow_machine.py -n 0 -rP --machine-steps "$count" --machine-seed "$seed"
}

races() { # [ROUNDS]
  test_all tests/planning/test_races.py -n 0 -rP --rounds "${1:-200}"
}

fuzz_api() { # [CALLS] [--seed S]
  local count seed
  count_and_seed 10000 20261127 "$@"
  test_all tests/permissions/test_fuzz_api.py -n 0 -rP --api-calls "$count" --api-seed "$seed"
}

guards() { # [WORD]
  locked prepare_tests
  with_services run_guards "$@"
}

run_guards() {
  cd "$ROOT"
  CHROMIUM="$(find_chromium)" && export CHROMIUM
  claim_test_slot
  "$PYTHON" tests/guards.py "$@"
}
