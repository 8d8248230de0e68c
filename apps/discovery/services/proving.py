"""The proof of a service: a tiny real call for each thing it says it can do, only when somebody pressed Test or Add.

`Service.proof` is `{"at", "took_ms", "error", "checks": [{"ability", "model", "has_passed", "took_ms", "detail"}]}`;
an ability is a capability of inference, else `models` (it lists them) or `answers`.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.discovery.access import service_for_changing
from apps.discovery.contracts import MODEL_SERVERS, HealthReport, HealthState, ServiceKind
from apps.discovery.errors import CannotTest
from apps.discovery.models import ProofState, Service
from apps.discovery.scanning import check_health
from apps.discovery.services.deciding import begin_proof, model_infos, provider_kind
from apps.discovery.services.telling import tell_after_commit
from apps.inference.facade import Shown, prove_address, prove_server
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import run_alone
from olympus.kernel.text import clean_data

# A worker that was killed does not come back to its proof; the longest one takes two minutes.
_UNTAKEN = timedelta(seconds=20)
_LOST = timedelta(minutes=5)
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
    """This will list proofs that were asked for and that no worker seems to be at; ones that were lost end as failed."""
    asked = Service.objects.filter(proof_state=ProofState.ASKED)
    lost = asked.filter(proof_asked_at__lt=now - _LOST)
    lost.update(proof_state=ProofState.FAILED, proof={"at": now, "took_ms": 0, "error": "", "checks": []})
    return list(asked.filter(proof_asked_at__lt=now - _UNTAKEN, proof={}).values_list("pk", flat=True))


def prove(service_id: UUID) -> None:
    """This will test a service that somebody asked to have tested, and keep what it showed."""
    began, error = timezone.now(), ""
    checks: list[Shown] = []
    waiting = Service.objects.filter(pk=service_id, proof_state=ProofState.ASKED, proof={})
    if not waiting.update(proof={"begun_at": began}):
        return
    service = Service.objects.get(pk=service_id)
    try:
        checks = _checks(service)
    except OlympusError as problem:
        error = problem.message
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
        Service.objects.filter(pk=service_id).update(proof=proof, proof_state=state)
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
