"""Background jobs of the run engine, queued after commit."""

from uuid import UUID

from django.db import transaction

from olympus.broker import tell_worker
from olympus.kernel.tracing import current_traceparent


def queue_run_after_commit(run_id: UUID) -> None:
    """This will tell a worker of the run once the transaction commits, without waiting for the broker.

    A broker that is down loses nothing: workers look for untold runs themselves.
    """
    transaction.on_commit(lambda: tell_worker("apps.agents.tasks.take_up_run", str(run_id), current_traceparent()))
