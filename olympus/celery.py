"""The Celery application: inference runs, schedules, background jobs."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "olympus.settings")

app = Celery("olympus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
