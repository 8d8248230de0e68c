"""Models on their way, queued after commit."""

from uuid import UUID

from django.db import transaction

from olympus.broker import tell_worker


def queue_job_after_commit(job_id: UUID) -> None:
    """This will tell a worker of a model to bring once the transaction commits.

    A broker that is down loses nothing: a sweep finds what nobody took up.
    """
    transaction.on_commit(lambda: queue_job(job_id))


def queue_job(job_id: UUID) -> None:
    """This will tell a worker of a model to bring, now."""
    tell_worker("apps.inference.tasks.bring_model", str(job_id))
