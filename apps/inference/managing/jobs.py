"""Models on their way, queued after commit."""

import logging
from uuid import UUID

from django.db import transaction
from kombu.exceptions import OperationalError

from olympus.celery import app

logger = logging.getLogger(__name__)


def queue_job_after_commit(job_id: UUID) -> None:
    """This will tell a worker of a model to bring once the transaction commits.

    A broker that is down loses nothing: a sweep finds what nobody took up.
    """
    transaction.on_commit(lambda: queue_job(job_id))


def queue_job(job_id: UUID) -> None:
    """This will tell a worker of a model to bring, now."""
    try:
        app.send_task("apps.inference.tasks.bring_model", args=[str(job_id)], retry=False)
    except (OperationalError, OSError):
        logger.warning("the broker is down; model job %s waits for the sweep", job_id)
