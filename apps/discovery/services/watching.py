"""The round that looks how services in use are: all that are due at once, one round at a time."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.discovery.contracts import HealthReport, Lifecycle, ServiceKind
from apps.discovery.models import Service
from apps.discovery.scanning import check_health
from apps.discovery.selectors import watched_services
from apps.discovery.services.alerting import tell_troubles
from apps.discovery.services.health import DISPLACED, health_of, note_report, note_server
from apps.discovery.services.locking import Round, alone
from apps.inference.facade import ServerHealth, server_healths
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import run_alone

# Looks at a time: each takes two seconds at most, and a round should end before the next begins.
_AT_ONCE = 16


def look_at_services(now: datetime) -> int:
    """This will look at the services whose turn it is; returns how many. One round runs at a time.

    What inference knows of model servers is taken from there; nothing is asked twice. What was only found is looked
    at by scans alone, since nobody has consented to more.
    """
    with alone(Round.HEALTH) as is_mine:
        if not is_mine:
            return 0
        services = [each for each in watched_services() if each.lifecycle == Lifecycle.ACCEPTED]
        _take_over([each for each in services if each.provider_id is not None and DISPLACED not in each.finding], now)
        due = [each for each in services if each.provider_id is None and _is_due(each, now)]
        if due:
            reports = run_alone(lambda: _look(due))
            for service, report in zip(due, reports, strict=True):
                _note(service, report, now)
        tell_troubles(services, now)
        return len(due)


def _take_over(services: Sequence[Service], now: datetime) -> None:
    """Model servers in use are watched by inference."""
    known: dict[UUID, Mapping[UUID, ServerHealth]] = {}
    for service in services:
        healths = known.get(service.organization_id) or server_healths(service.organization_id)
        known[service.organization_id] = healths
        health = healths.get(service.provider_id) if service.provider_id else None
        if health is not None:
            with transaction.atomic():
                note_server(service, health, now)


def _is_due(service: Service, now: datetime) -> bool:
    if not service.url or service.finding.get("command"):
        return False
    next_at = health_of(service).next_check_at
    return next_at is None or next_at <= now


async def _look(services: Sequence[Service]) -> list[HealthReport]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def look(service: Service) -> HealthReport:
        async with gate:
            return await check_health(ServiceKind(service.kind), service.url, _key_of(service))

    return await asyncio.gather(*(look(service) for service in services))


def _key_of(service: Service) -> str:
    try:
        return service.api_key
    except OlympusError:  # stored under another secret: without it the service says that it wants one
        return ""


@transaction.atomic
def _note(service: Service, report: HealthReport, now: datetime) -> None:
    # Spread, so that services found together are not asked together for ever.
    note_report(service, report, now, jitter=random.uniform(-1, 1))  # noqa: S311 - no secret
