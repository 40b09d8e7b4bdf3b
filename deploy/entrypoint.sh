#!/bin/sh
# One image, four roles: web, worker, scheduler, migrate; anything else is a command of manage.py.
set -eu
case "${1:-web}" in
  web)
    # the path alone is written down: what stands behind "?" may be the place of somebody's house
    exec python -m gunicorn portal.wsgi:application --bind 0.0.0.0:8000 --workers 3 --threads 4 --timeout 60 \
      --worker-tmp-dir /dev/shm --no-control-socket --forwarded-allow-ips '*' --logger-class portal.access_log.UncodedLogger --access-logfile - \
      --access-logformat '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(b)s "%(a)s"'
    ;;
  worker) exec python -m celery -A portal worker --concurrency 2 --max-tasks-per-child 50 --loglevel INFO ;;
  scheduler) exec python -m celery -A portal beat --schedule /srv/scheduler/beat --pidfile= --loglevel INFO ;;
  migrate)
    python manage.py migrate --noinput
    exec python manage.py check --deploy --database default --fail-level ERROR
    ;;
  *) exec python manage.py "$@" ;;
esac
