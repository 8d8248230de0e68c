"""Discovery's background jobs, queued after commit; a broker that is down loses nothing, the next round finds them."""

import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from kombu.exceptions import OperationalError

from olympus.celery import app

logger = logging.getLogger(__name__)


def queue_scan_after_commit(scan_id: UUID) -> None:
    """This will have a worker carry out a scan once the transaction commits."""
    transaction.on_commit(lambda: queue_scan(scan_id))


def queue_proof_after_commit(service_id: UUID) -> None:
    """This will have a worker test a service once the transaction commits."""
    transaction.on_commit(lambda: queue_proof(service_id))


def queue_scan(scan_id: UUID) -> None:
    """This will have a worker carry out a scan, now."""
    _send("apps.discovery.tasks.carry_out_scan", str(scan_id))


def queue_proof(service_id: UUID) -> None:
    """This will have a worker test a service, now."""
    _send("apps.discovery.tasks.prove_service", str(service_id))


def _send(task: str, *args: Any) -> None:
    try:
        app.send_task(task, args=list(args), retry=False)
    except (OperationalError, OSError):
        logger.warning("the broker is down; %s waits for the next round", task)
