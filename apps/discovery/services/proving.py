"""The proof of a service: a tiny real call for each thing it says it can do, only when somebody pressed Test or Add.

`Service.proof` is `{"at", "took_ms", "error", "checks": [{"ability", "model", "has_passed", "took_ms", "detail"}]}`;
an ability is a capability of inference, else `models` (it lists them) or `answers`.
"""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.discovery.access import service_for_changing
from apps.discovery.contracts import MODEL_SERVERS, HealthReport, HealthState, ServiceKind
from apps.discovery.errors import CannotTest
from apps.discovery.models import ProofState, Service
from apps.discovery.scanning import check_health
from apps.discovery.services.deciding import begin_proof, model_infos, provider_kind
from apps.discovery.services.locking import alone_with
from apps.discovery.services.telling import tell_after_commit
from apps.inference.facade import Shown, prove_address, prove_server
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import run_alone
from olympus.kernel.text import clean_data

logger = logging.getLogger(__name__)

# A worker that was killed does not come back to its proof; the longest one takes two minutes.
_UNTAKEN = timedelta(seconds=5)
_LOST = timedelta(minutes=5)
# A proof that took so many workers with it is at fault itself.
_MOST_TRIES = 3
_WELL = frozenset({HealthState.HEALTHY, HealthState.BUSY, HealthState.WARMING})


@transaction.atomic
def ask_for_proof(actor: Actor, *, service_id: UUID) -> Service:
    """This will have a worker test a service; one that is being tested is not tested twice.

    Raises:
        Denied, NotFound
        CannotTest: it is a program that would have to be started.
    """
    service = service_for_changing(actor, service_id, is_locked=True)
    if service.finding.get("command"):
        raise CannotTest
    if service.proof_state == ProofState.ASKED:
        return service
    begin_proof(service, timezone.now())
    audit.record("service.test", actor=actor, subject=service, url=service.url)
    tell_after_commit(service.organization_id)
    return service


def untaken_proofs(now: datetime) -> list[UUID]:
    """This will list proofs that were asked for and may be at no worker; ones that were lost end as failed."""
    asked = Service.objects.filter(proof_state=ProofState.ASKED)
    for service in asked.filter(proof_asked_at__lt=now - _LOST):
        _keep(service, [], _("Its worker was stopped."), now)
    return list(asked.filter(proof_asked_at__lt=now - _UNTAKEN).values_list("pk", flat=True))


def prove(service_id: UUID) -> None:
    """This will test a service that somebody asked to have tested, and keep what it showed; one worker at a time."""
    with alone_with(service_id) as is_mine:
        asked = Service.objects.filter(pk=service_id, proof_state=ProofState.ASKED)
        service = asked.first() if is_mine else None
        if service is None:
            return
        tries = service.proof.get("tries", 0) + 1
        if tries > _MOST_TRIES:
            _keep(service, [], _("Its worker was stopped."), timezone.now())
        elif asked.update(proof={"tries": tries}):
            _carry_out(service)


def _carry_out(service: Service) -> None:
    began, error = timezone.now(), ""
    checks: list[Shown] = []
    try:
        checks = _checks(service)
    except OlympusError as problem:
        error = problem.message
    except (DatabaseError, InterfaceError):  # it was restarted: the next round has it tested once more
        raise
    except Exception:
        logger.exception("a proof failed", extra={"service": str(service.pk)})
        error = _("The log says why.")
    _keep(service, checks, error, began)


def _keep(service: Service, checks: list[Shown], error: str, began: datetime) -> None:
    now = timezone.now()
    proof: dict[str, Any] = {
        "at": now,
        "took_ms": round((now - began).total_seconds() * 1000),
        "error": error,
        "checks": clean_data(msgspec.to_builtins(checks)),
    }
    has_passed = bool(checks) and all(check.has_passed for check in checks if check.ability != "tools")
    state = ProofState.PASSED if has_passed else ProofState.FAILED
    with transaction.atomic():
        # Whoever asked again meanwhile, with a key, waits for another proof than this one.
        same = Service.objects.filter(pk=service.pk, proof_asked_at=service.proof_asked_at)
        same.update(proof=proof, proof_state=state)
        tell_after_commit(service.organization_id)


def _checks(service: Service) -> list[Shown]:
    if ServiceKind(service.kind) not in MODEL_SERVERS:
        return _answers(service)
    if service.provider_id is not None:
        return prove_server(service.organization_id, service.provider_id)
    return prove_address(provider_kind(service), service.url, infos=model_infos(service))


def _answers(service: Service) -> list[Shown]:
    """A tool server lists its tools, a store answers its greeting: the look of the scanner with the key."""

    async def look() -> HealthReport:
        return await check_health(ServiceKind(service.kind), service.url, service.api_key, is_listing=True)

    report = run_alone(look)
    is_well = report.state in _WELL and not report.is_other
    detail = "" if is_well else report.detail or _("It does not answer as it should.")
    return [Shown("answers", "", is_well, round(report.latency_ms or 0), detail)]
