"""A scan from its order to its record: one at a time, freed when its worker dies, told to owners as it happens."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep

import psycopg
import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.discovery.contracts import ServiceKind
from apps.discovery.errors import ScanUnderWay
from apps.discovery.models import ProofState, Scan, ScanState, Service, ServiceHealth
from apps.discovery.services import deciding, proving, scanning
from apps.discovery.services.locking import _OURS, Round, alone
from apps.discovery.services.watching import look_at_services
from apps.discovery.tasks import look_around
from apps.inference.models import Provider
from olympus.kernel.db import connection_parameters, in_thread
from olympus.kernel.options import change_option
from tests.discovery.records import found, take
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fleet.mcp import ModernMcp
from tests.support.cast import Someone
from tests.support.live import LiveClient

pytestmark = pytest.mark.django_db

Start = Callable[[FakeOllama], FakeOllama]


@contextmanager
def another_worker(round_: Round) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A worker that holds a lock on a connection of its own, until it dies."""
    with psycopg.connect(**connection_parameters(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s, %s)", [_OURS, round_.value])
        yield connection


def wait_until_free(round_: Round) -> None:
    """Postgres ends a connection's locks a moment after the connection."""
    for _ in range(200):
        with alone(round_) as is_free:
            if is_free:
                return
        sleep(0.01)


def _look_at(*addresses: str) -> None:
    change_option("discovery.addresses", list(addresses), changed_by_id=None)


def test_a_scan_finds_what_was_named_and_leaves_a_record(owner: Someone, in_background: Start) -> None:
    server = in_background(FakeOllama())
    _look_at(server.url)
    scan = scanning.ask_for_scan(owner.actor)

    scanning.carry_out(scan.pk)

    record = Scan.objects.get()
    service = Service.objects.get()
    assert (record.state, record.asked_by, record.found_count, record.new_count) == ("done", owner.user, 1, 1)
    assert record.request_count
    assert record.touched[0]["requests"]
    assert record.started_at is not None
    assert record.ended_at is not None
    assert (service.kind, service.lifecycle, service.health) == ("ollama", "accepted", "healthy")
    assert Provider.objects.get().base_url == server.url


def test_asking_again_before_it_begins_is_the_same_scan(owner: Someone) -> None:
    first = scanning.ask_for_scan(owner.actor)

    assert scanning.ask_for_scan(owner.actor) == first


def test_one_scan_runs_at_a_time(owner: Someone) -> None:
    scan = scanning.ask_for_scan(owner.actor)

    with another_worker(Round.SCAN):
        Scan.objects.update(state=ScanState.RUNNING)
        with pytest.raises(ScanUnderWay):
            scanning.ask_for_scan(owner.actor)
        assert not scanning.carry_out(scan.pk)


def test_a_killed_worker_frees_the_lock_and_its_record_says_so(owner: Someone) -> None:
    scan = scanning.ask_for_scan(owner.actor)
    with another_worker(Round.SCAN) as connection:
        Scan.objects.update(state=ScanState.RUNNING)
        connection.close()
        wait_until_free(Round.SCAN)

        after = scanning.ask_for_scan(owner.actor)

    assert after != scan
    assert Scan.objects.get(pk=scan.pk).state == ScanState.INTERRUPTED


def test_a_scan_taken_up_twice_runs_once(owner: Someone) -> None:
    scan = scanning.ask_for_scan(owner.actor)

    assert [scanning.carry_out(scan.pk), scanning.carry_out(scan.pk)] == [True, False]


def test_nothing_is_looked_for_by_itself_where_that_is_off(owner: Someone) -> None:
    look_around()

    assert not Scan.objects.exists()


def test_the_command_says_what_it_found(
    owner: Someone, in_background: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    server = in_background(FakeOllama())
    _look_at(server.url)

    call_command("discover")

    said = capsys.readouterr().out
    assert server.url in said
    assert "1 found, 1 new" in said


def test_what_is_added_proves_what_it_can_do(owner: Someone, in_background: Start) -> None:
    server = in_background(FakeOllama())
    service = take(owner, found(ServiceKind.OLLAMA, server.port, host="127.0.0.1"))[0]
    deciding.accept(owner.actor, service_id=service.pk)
    proving.ask_for_proof(owner.actor, service_id=service.pk)

    proving.prove(service.pk)

    row = Service.objects.get()
    shown = {check["ability"]: check["has_passed"] for check in row.proof["checks"]}
    assert row.proof_state == ProofState.PASSED
    assert shown["models"]
    assert shown["chat"]


def test_a_server_that_is_gone_fails_its_proof(owner: Someone) -> None:
    service = take(owner, found(ServiceKind.OLLAMA, 9, host="127.0.0.1", source="networks"))[0]
    proving.ask_for_proof(owner.actor, service_id=service.pk)

    proving.prove(service.pk)

    row = Service.objects.get()
    assert row.proof_state == ProofState.FAILED
    assert row.proof["checks"][0]["detail"]


def test_a_proof_no_worker_heard_of_is_taken_up_and_a_lost_one_ends(owner: Someone) -> None:
    service = take(owner, found(ServiceKind.MCP))[0]
    proving.ask_for_proof(owner.actor, service_id=service.pk)
    asked = Service.objects.get().proof_asked_at
    assert asked is not None

    soon = proving.untaken_proofs(asked)
    later = proving.untaken_proofs(asked + 2 * proving._UNTAKEN)
    lost = proving.untaken_proofs(asked + 2 * proving._LOST)

    assert (soon, later, lost) == ([], [service.pk], [])
    assert Service.objects.get().proof_state == ProofState.FAILED


def test_a_proof_that_takes_worker_after_worker_with_it_ends(owner: Someone) -> None:
    service = take(owner, found(ServiceKind.MCP))[0]
    proving.ask_for_proof(owner.actor, service_id=service.pk)
    Service.objects.update(proof={"tries": proving._MOST_TRIES})

    proving.prove(service.pk)

    row = Service.objects.get()
    assert row.proof_state == ProofState.FAILED
    assert row.proof["error"]


def test_the_round_looks_at_what_is_in_use_and_asks_inference_of_model_servers(
    owner: Someone, in_background: Callable[[ModernMcp], ModernMcp]
) -> None:
    server = in_background(ModernMcp())
    tool = take(owner, found(ServiceKind.MCP, server.port, host="127.0.0.1", url=f"{server.url}/mcp"))[0]
    model = take(owner, found())[0]
    take(owner, found(ServiceKind.SEARXNG, 8888))
    for service in (tool, model):
        deciding.accept(owner.actor, service_id=service.pk)
    now = timezone.now()
    Service.objects.update(health_facts={}, health="unknown")

    looked_at = look_at_services(now)

    tool.refresh_from_db()
    assert looked_at == 1
    assert tool.health == "healthy"
    assert ServiceHealth.objects.filter(service=tool, state="healthy").exists()
    assert look_at_services(now) == 0


def test_one_round_runs_at_a_time(owner: Someone) -> None:
    with another_worker(Round.HEALTH):
        assert look_at_services(timezone.now()) == 0


@pytest.mark.django_db(transaction=True)
async def test_changes_of_a_moment_are_one_message_to_owners_and_none_to_members(
    owner: Someone, member: Someone
) -> None:
    async with LiveClient(owner.socket_headers()) as watching, LiveClient(member.socket_headers()) as other:
        for port in range(8000, 8005):
            await in_thread(take, owner, found(port=port))

        await watching.wait_for(lambda e: e["type"] == "discovery.changed", timeout_s=2)

        await asyncio.sleep(0.6)
        other.send({"type": "ping", "id": "1"})
        watching.send({"type": "ping", "id": "1"})
        await other.ack("1")
        await watching.ack("1")
        assert not [e for e in other.events if e["type"].startswith("discovery")]
        assert len([e for e in watching.events if e["type"] == "discovery.changed"]) <= 2
