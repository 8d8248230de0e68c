"""Telling owners and administrators that a service in use does not serve, and that it does again."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from django.db import transaction

from apps.accounts.facade import administrators_of
from apps.discovery.contracts import Health
from apps.discovery.engine.alerting import with_news
from apps.discovery.events import ServiceTrouble
from apps.discovery.models import Service
from apps.discovery.selectors import troubled_services
from apps.discovery.services.health import health_of
from apps.inference.facade import StandIns, stand_ins_for
from olympus.kernel.broadcast import tell_user_after_commit

# A toast is one sentence; the page has the rest.
_NAMED = 3


def tell_troubles(services: Iterable[Service], now: datetime) -> None:
    """This will tell of every trouble that lasts and that nobody was told of, and of those that are over."""
    for service in services:
        if _news_of(service, now) is not None:
            _tell(service, now)


def _news_of(service: Service, now: datetime) -> Health | None:
    """One whose model server was turned off is not missed."""
    before = health_of(service)
    return with_news(before, now) if service.is_troubled or before.told_since else None


@transaction.atomic
def _tell(known: Service, now: datetime) -> None:
    """Somebody may have put it out of use since it was read."""
    rows = Service.objects.select_for_update(no_key=True, of=("self",)).select_related("provider")
    service = rows.get(pk=known.pk)
    before, after = health_of(service), _news_of(service, now)
    if after is None:
        return
    service.health_facts = msgspec.to_builtins(after)
    service.save(update_fields=["health_facts"])
    event = _event(service, before, after)
    for user_id in administrators_of(service.organization_id):
        tell_user_after_commit(user_id, event)


def _event(service: Service, before: Health, after: Health) -> ServiceTrouble:
    is_over = after.told_since is None
    others = StandIns()
    if service.provider_id is not None and not is_over:
        others = stand_ins_for(service.organization_id, service.provider_id)
    since = before.told_since or after.told_since
    assert since is not None, "one of them tells of the trouble"
    return ServiceTrouble(
        service=service.pk,
        name=str(service)[:200],
        state=after.state.value,
        since=since,
        is_over=is_over,
        stand_ins=others.servers[:_NAMED],
        missing=others.missing_models[:_NAMED],
        troubled=troubled_services(service.organization_id).count(),
    )
