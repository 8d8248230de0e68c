"""A server that moves, flaps, changes models, loses its key, turns into another product: what its entry becomes."""

from typing import Any

import pytest

from apps.discovery.contracts import FoundModel, HealthReport, HealthState, Lifecycle, ScanResult, ServiceKind, Touched
from apps.discovery.models import Service, ServiceHealth
from apps.discovery.services.deciding import accept, ignore, undo
from apps.discovery.services.health import KEPT_HISTORY, note_report
from apps.discovery.services.missing import note_missing
from apps.inference.models import Provider
from tests.discovery.records import at, found, take
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db

OLLAMA = ServiceKind.OLLAMA


def _states(service: Service) -> list[str]:
    return [row.state for row in ServiceHealth.objects.filter(service=service).order_by("since", "id")]


def _look(service: Service, state: HealthState, minutes: float, **more: Any) -> str:
    note_report(service, HealthReport(state=state, **more), at(minutes))
    return service.health


def test_what_is_found_is_proposed_once(owner: Someone) -> None:
    take(owner, found())
    take(owner, found(), minutes=1)

    row = Service.objects.get()
    assert (row.lifecycle, row.health, row.first_seen_at, row.seen_at) == ("proposed", "healthy", at(0), at(1))
    assert not Provider.objects.exists()


def test_a_server_with_a_proven_name_is_followed_to_its_new_address(owner: Someone) -> None:
    service = take(owner, found(stable="gpu", is_identity_proven=True))[0]
    accept(owner.actor, service_id=service.pk)

    take(owner, found(port=8001, stable="gpu", is_identity_proven=True), minutes=1)

    row = Service.objects.get()
    assert (row.url, row.lifecycle) == ("http://192.168.1.20:8001", "accepted")
    assert Provider.objects.get().base_url == "http://192.168.1.20:8001/v1"


def test_a_server_that_only_claims_to_be_an_accepted_one_changes_nothing(owner: Someone) -> None:
    service = take(owner, found(stable="gpu", is_identity_proven=True))[0]
    accept(owner.actor, service_id=service.pk)

    take(owner, found(host="192.168.1.66", stable="gpu"), minutes=1)

    row = Service.objects.get()
    assert (row.url, row.moved_to) == ("http://192.168.1.20:8000", "http://192.168.1.66:8000")
    assert Provider.objects.get().base_url == "http://192.168.1.20:8000/v1"


def test_a_key_does_not_follow_a_server_to_another_host(owner: Someone) -> None:
    service = take(owner, found(stable="gpu", is_identity_proven=True))[0]
    accept(owner.actor, service_id=service.pk, api_key="sk-secret")

    take(owner, found(host="192.168.1.66", stable="gpu", is_identity_proven=True), minutes=1)

    row = Service.objects.get()
    assert (row.url, row.moved_to) == ("http://192.168.1.20:8000", "http://192.168.1.66:8000")
    assert Provider.objects.get().base_url == "http://192.168.1.20:8000/v1"


def test_a_server_that_flaps_is_told_of_when_it_is_a_fact(owner: Someone) -> None:
    service = take(owner, found(ServiceKind.MCP))[0]

    steps = [
        _look(service, HealthState.UNHEALTHY, 1),
        _look(service, HealthState.HEALTHY, 2),
        _look(service, HealthState.UNHEALTHY, 3),
        _look(service, HealthState.UNHEALTHY, 4),
        _look(service, HealthState.UNHEALTHY, 5),
        _look(service, HealthState.HEALTHY, 6),
        _look(service, HealthState.HEALTHY, 7),
    ]

    assert steps == ["healthy", "healthy", "healthy", "degraded", "unhealthy", "unhealthy", "healthy"]
    assert _states(service) == ["healthy", "degraded", "unhealthy", "healthy"]


def test_history_is_bounded(owner: Someone) -> None:
    service = take(owner, found(ServiceKind.MCP))[0]

    for minute in range(1, KEPT_HISTORY * 3, 3):
        _look(service, HealthState.OFFLINE, minute)
        _look(service, HealthState.HEALTHY, minute + 1)
        _look(service, HealthState.HEALTHY, minute + 2)

    assert ServiceHealth.objects.filter(service=service).count() == KEPT_HISTORY


def test_a_server_with_other_models_says_so(owner: Someone) -> None:
    take(owner, found())

    take(owner, found(models=(FoundModel(name="m-2"), FoundModel(name="m-3"))), minutes=1)

    assert [model["name"] for model in Service.objects.get().finding["models"]] == ["m-2", "m-3"]


def test_a_server_that_loses_its_key_refuses_and_returns_with_a_new_one(owner: Someone) -> None:
    service = take(owner, found(ServiceKind.MCP))[0]

    refused = _look(service, HealthState.CONFIG_ERROR, 1, detail="HTTP 401")
    again = _look(service, HealthState.HEALTHY, 2)

    assert (refused, again) == ("config_error", "healthy")
    assert ServiceHealth.objects.filter(service=service, detail="HTTP 401").exists()


def test_a_server_that_became_another_product_is_a_new_card_and_the_old_one_fails(owner: Someone) -> None:
    old = take(owner, found(ServiceKind.VLLM))[0]
    accept(owner.actor, service_id=old.pk)

    new = take(owner, found(ServiceKind.SGLANG), minutes=1)[0]

    old.refresh_from_db()
    assert new.pk != old.pk
    assert (new.lifecycle, new.health) == ("proposed", "healthy")
    assert (old.lifecycle, old.health) == ("accepted", "unhealthy")


def test_a_day_without_an_answer_makes_it_stale_and_it_is_never_removed(owner: Someone) -> None:
    service = take(owner, found(ServiceKind.MCP))[0]

    _look(service, HealthState.OFFLINE, 1)
    _look(service, HealthState.OFFLINE, 24 * 60 - 1)
    early = service.stale_since
    _look(service, HealthState.OFFLINE, 24 * 60)
    late = service.stale_since
    _look(service, HealthState.HEALTHY, 24 * 60 + 1)
    _look(service, HealthState.HEALTHY, 24 * 60 + 2)

    assert (early, late, service.stale_since) == (None, at(0), None)


def test_ignored_stays_ignored_wherever_it_moves_and_whatever_it_is_called(owner: Someone) -> None:
    service = take(owner, found(stable="gpu"))[0]
    ignore(owner.actor, service_id=service.pk)

    take(owner, found(stable="gpu", host="192.168.1.66"), minutes=1)
    take(owner, found(host="192.168.1.66"), minutes=2)

    assert Service.objects.get().lifecycle == "ignored"


def test_the_ollama_of_this_machine_is_used_at_once(owner: Someone) -> None:
    take(owner, found(OLLAMA, 11434, host="127.0.0.1", source="loopback"))

    row = Service.objects.get()
    provider = Provider.objects.get()
    assert (row.lifecycle, row.provider_id) == ("accepted", provider.pk)
    assert (provider.kind, provider.base_url) == ("ollama", "http://127.0.0.1:11434")
    assert [info.name for info in provider.infos] == ["m-1"]


def test_an_ollama_elsewhere_waits_for_consent(owner: Someone) -> None:
    take(owner, found(OLLAMA, 11434))

    assert Service.objects.get().lifecycle == "proposed"


def test_what_was_taken_back_is_not_taken_up_again(owner: Someone) -> None:
    service = take(owner, found(OLLAMA, 11434, host="127.0.0.1", source="loopback"))[0]
    undo(owner.actor, service_id=service.pk)

    take(owner, found(OLLAMA, 11434, host="127.0.0.1", source="loopback"), minutes=1)

    assert Service.objects.get().lifecycle == "proposed"
    assert not Provider.objects.get().is_enabled


def test_a_server_that_is_a_provider_already_is_in_use(owner: Someone) -> None:
    provider = Provider.objects.create(
        organization_id=owner.actor.organization_id, name="Mine", kind="openai", base_url="http://192.168.1.20:8000/v1"
    )

    take(owner, found())

    row = Service.objects.get()
    assert (row.lifecycle, row.provider_id, Provider.objects.count()) == ("accepted", provider.pk, 1)


def test_an_accepted_server_whose_provider_was_removed_is_proposed_again(owner: Someone) -> None:
    service = take(owner, found())[0]
    accept(owner.actor, service_id=service.pk)
    Provider.objects.all().delete()

    take(owner, found(), minutes=1)

    assert Service.objects.get().lifecycle == Lifecycle.PROPOSED


def test_what_a_scan_looked_for_in_vain_is_offline_and_what_it_did_not_look_for_is_not(owner: Someone) -> None:
    gone, elsewhere = take(owner, found(), found(host="192.168.1.66"))
    touched = (Touched(host="192.168.1.20", address="192.168.1.20", ports=(8000,)),)

    note_missing(owner.actor.organization_id, ScanResult(touched=touched), set(), now=at(1))

    gone.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (gone.health, elsewhere.health) == ("offline", "healthy")
