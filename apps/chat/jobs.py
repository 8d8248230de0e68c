"""Chat's background jobs, queued after commit."""

from uuid import UUID

from django.db import transaction

from olympus.broker import tell_worker


def queue_transfer_after_commit(transfer_id: UUID) -> None:
    """This will tell a worker of an import or export once the transaction commits.

    A broker that is down loses nothing: a sweep finds what nobody took up.
    """
    transaction.on_commit(lambda: queue_transfer(transfer_id))


def queue_transfer(transfer_id: UUID) -> None:
    """This will tell a worker of an import or export, now."""
    tell_worker("apps.chat.tasks.carry_out_transfer", str(transfer_id))
