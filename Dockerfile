# Two targets: "app" (web, worker, scheduler, migrate) and "front" (nginx with the static files of the same build).

FROM node:20-bookworm-slim AS frontend
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY static ./static
RUN npm run build

FROM python:3.11-slim-bookworm AS app
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/opt/venv/bin:$PATH
# GeoDjango loads Debian's GDAL, GEOS and PROJ; libseccomp locks in the process that reads uploads; gettext compiles translations;
# the Noto fonts are embedded in PDF files.
RUN apt-get update \
 && apt-get install -y --no-install-recommends gdal-bin libseccomp2 gettext fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /opt/venv \
 && pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.txt
COPY . .
COPY --from=frontend /app/static/dist ./static/dist
# The values below live for this step only: collecting files needs settings that load, not secrets.
RUN find portal -name '*.po' | while read -r po; do msgfmt --check-format -o "${po%.po}.mo" "$po" || exit 1; done \
 && SECRET_KEY=only-for-this-build-step-only-for-this-build-step DB_HOST=nowhere REDIS_URL=redis://nowhere STATIC_ROOT=/srv/static \
    python manage.py collectstatic --noinput
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin portal \
 && mkdir -p /srv/media/tiles /srv/scheduler /srv/anchors \
 && chown -R portal: /srv/media /srv/scheduler /srv/anchors
ENV MEDIA_ROOT=/srv/media STATIC_ROOT=/srv/static
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s --retries=4 CMD ["python", "/app/deploy/healthcheck.py"]
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["web"]

FROM nginxinc/nginx-unprivileged:1.28-alpine AS front
COPY deploy/nginx.conf /etc/nginx/conf.d/default.conf
COPY deploy/too-large.html deploy/too-large.json /srv/front/
COPY --from=app /srv/static /srv/static
# The same user as the app: it owns the tiles.
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s --retries=4 CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/front-health"]

FROM app
