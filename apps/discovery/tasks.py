"""Background work of discovery: scans, proofs, and the round that looks how services are."""

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready
from django.db import close_old_connections
from django.utils import timezone

from apps.discovery.jobs import queue_proof, queue_scan
from apps.discovery.selectors import waiting_scans
from apps.discovery.services import proving, scanning, watching


@shared_task(name="apps.discovery.tasks.carry_out_scan")
def carry_out_scan(scan_id: str) -> None:
    """This will carry out a scan that was asked for."""
    try:
        # One that was asked for as this one ended found the lock taken.
        for waiting in waiting_scans() if scanning.carry_out(UUID(scan_id)) else ():
            queue_scan(waiting)
    finally:
        close_old_connections()


@shared_task(name="apps.discovery.tasks.prove_service")
def prove_service(service_id: str) -> None:
    """This will test a service that somebody asked to have tested."""
    try:
        proving.prove(UUID(service_id))
    finally:
        close_old_connections()


@shared_task(name="apps.discovery.tasks.look_around", expires=60)
def look_around() -> None:
    """This will look what runs on this machine and at the places that were named."""
    scanning.scan_by_itself("schedule")


@shared_task(name="apps.discovery.tasks.look_at_networks", expires=3600)
def look_at_networks() -> None:
    """This will look at granted networks too."""
    scanning.scan_by_itself("schedule", with_networks=True)


@shared_task(name="apps.discovery.tasks.look_at_services", expires=10)
def look_at_services() -> None:
    """This will look how services in use are, end what a killed worker left, take up what a broker did not bring."""
    try:
        now = timezone.now()
        scanning.end_dead_scans()
        watching.look_at_services(now)
        for scan_id in waiting_scans():
            queue_scan(scan_id)
        for service_id in proving.untaken_proofs(now):
            queue_proof(service_id)
    finally:
        close_old_connections()


@worker_ready.connect
def _look_around_at_start(**_: Any) -> None:
    """The first look does not wait for the schedule."""
    begin.delay()


@shared_task(name="apps.discovery.tasks.begin", expires=60)
def begin() -> None:
    """This will look around as Olympus starts."""
    scanning.scan_by_itself("start")
