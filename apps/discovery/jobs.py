"""Discovery's background jobs, queued after commit; a broker that is down loses nothing, the next round finds them."""

from uuid import UUID

from django.db import transaction

from olympus.broker import tell_worker


def queue_scan_after_commit(scan_id: UUID) -> None:
    """This will have a worker carry out a scan once the transaction commits."""
    transaction.on_commit(lambda: queue_scan(scan_id))


def queue_proof_after_commit(service_id: UUID) -> None:
    """This will have a worker test a service once the transaction commits."""
    transaction.on_commit(lambda: queue_proof(service_id))


def queue_scan(scan_id: UUID) -> None:
    """This will have a worker carry out a scan, now."""
    tell_worker("apps.discovery.tasks.carry_out_scan", str(scan_id))


def queue_proof(service_id: UUID) -> None:
    """This will have a worker test a service, now."""
    tell_worker("apps.discovery.tasks.prove_service", str(service_id))
