"""What processes tell each other of the servers, with Valkey and without."""

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator

import pytest
import redis

from apps.inference.contracts import ModelInfo, ProviderKind
from apps.inference.engine.health import Outcome, State, condition_of
from apps.inference.errors import ModelNotFound, ProviderRateLimited, ProviderRefused, ProviderUnreachable
from apps.inference.models import Provider, catalog_of
from apps.inference.pool import Backend, Pool, backends_of, sharing, snapshots
from apps.inference.pool.exchange import FACTS, LOADS, VERSION, Exchange, forget_records
from apps.inference.pool.records import SAME_S
from olympus.kernel.valkey import valkey
from tests.support.cast import Someone


class Process:
    """One process's pool, whose clock began at another time."""

    def __init__(self, began_s: float) -> None:
        self.began_s = began_s
        self.ahead_s = 0.0
        self.pool = Pool(lambda: time.monotonic() + began_s + self.ahead_s)
        self.exchange = Exchange(self.pool, valkey())

    def state(self, backend: Backend) -> State:
        return condition_of(self.pool.watched[backend.provider_id].facts, self.pool.now()).state


@pytest.fixture(autouse=True)
def empty_store() -> Iterator[None]:
    valkey().delete(FACTS, LOADS, VERSION)
    yield
    valkey().delete(FACTS, LOADS, VERSION)


@pytest.fixture
def web() -> Process:
    return Process(0.0)


@pytest.fixture
def worker() -> Process:
    return Process(50_000.0)


@pytest.fixture
def backend() -> Backend:
    provider_id = uuid.uuid4()
    return Backend(
        provider_id,
        "one",
        ProviderKind.OLLAMA,
        "http://127.0.0.1:9",
        ModelInfo("m"),
        10,
        10,
        8192,
        5,
        True,
        lambda: None,
    )  # type: ignore[arg-type, return-value]


def share(*processes: Process) -> None:
    for process in processes:
        process.exchange.run()


def test_a_circuit_that_opens_here_is_open_there(web: Process, worker: Process, backend: Backend) -> None:
    for _ in range(5):
        web.pool.begin(backend).end(ProviderUnreachable())

    share(web, worker)

    assert worker.state(backend) is State.UNHEALTHY
    assert not worker.pool.watched[backend.provider_id].is_plain
    left_s = worker.pool.watched[backend.provider_id].facts.circuit.open_until - worker.pool.now()
    assert 20 < left_s <= 30.1


def test_a_circuit_that_closes_there_closes_here(web: Process, worker: Process, backend: Backend) -> None:
    for _ in range(5):
        web.pool.begin(backend).end(ProviderUnreachable())
    share(web, worker)
    worker.ahead_s = 40.0
    time.sleep(2 * SAME_S)

    for _ in range(2):
        ticket = worker.pool.begin(backend)
        ticket.first_token()
        ticket.end(None)
    share(worker, web)

    assert not web.pool.watched[backend.provider_id].facts.circuit.is_open


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ProviderRateLimited(retry_after_s=60), State.RATE_LIMITED),
        (ProviderRefused("no such address", status=404), State.CONFIG_ERROR),
    ],
)
def test_pauses_and_refusals_are_told(
    web: Process, worker: Process, backend: Backend, error: Exception, state: State
) -> None:
    web.pool.begin(backend).end(error)

    share(web, worker)

    assert worker.state(backend) is state


def test_a_model_that_is_gone_and_what_a_look_found_are_told(web: Process, worker: Process, backend: Backend) -> None:
    web.pool.begin(backend).end(ModelNotFound())
    web.pool.note_probe(backend.provider_id, Outcome.UNREACHABLE, ProviderUnreachable("nobody there"))  # type: ignore[arg-type]

    share(web, worker)

    facts = worker.pool.watched[backend.provider_id].facts
    assert "m" in facts.gone
    assert (facts.probe.outcome, facts.probe.words) == (Outcome.UNREACHABLE, "nobody there")


def test_calls_under_way_are_counted_over_all_processes(web: Process, worker: Process, backend: Backend) -> None:
    tickets = [web.pool.begin(backend) for _ in range(3)]
    share(web, worker)
    seen = worker.pool.watched[backend.provider_id].elsewhere

    for ticket in tickets:
        ticket.end(None)
    share(web, worker)

    assert seen == 3
    assert worker.pool.watched[backend.provider_id].elsewhere == 0


def test_the_calls_of_a_process_that_fell_silent_are_not_counted(
    web: Process, worker: Process, backend: Backend
) -> None:
    valkey().hset(LOADS, "dead", f'[{time.time() - 60},{{"{backend.provider_id.hex}":7}}]')  # type: ignore[union-attr]

    share(worker)

    assert backend.provider_id not in worker.pool.watched
    assert valkey().hget(LOADS, "dead") is None


def test_after_a_flush_everything_is_told_again(web: Process, worker: Process, backend: Backend) -> None:
    web.pool.begin(backend).end(ProviderRateLimited(retry_after_s=60))
    share(web)

    valkey().delete(FACTS, LOADS)
    share(web, worker)

    assert web.state(backend) is State.RATE_LIMITED
    assert worker.state(backend) is State.RATE_LIMITED


def test_what_is_unchanged_is_not_told_twice(web: Process, worker: Process, backend: Backend) -> None:
    web.pool.begin(backend).end(ProviderRateLimited(retry_after_s=60))
    share(web, worker, web, worker)
    before = valkey().hgetall(FACTS)

    share(worker, web, worker, web)

    assert valkey().hgetall(FACTS) == before


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"{}", b'["x",2,3,"w"]', b"[1e400,1,1,1]", b"[99999999999,1,1,1]", b"\xff\xfe", b"[1]"]
)
def test_unreadable_records_change_nothing(worker: Process, backend: Backend, raw: bytes) -> None:
    for part in ("circuit", "cooldown", "probe", "gone:m", "nonsense", ""):
        valkey().hset(FACTS, f"{backend.provider_id.hex}/{part}", raw)  # type: ignore[union-attr]
    valkey().hset(FACTS, b"\xff/circuit", raw)
    valkey().hset(LOADS, "other", raw)

    share(worker)

    watched = worker.pool.watched.get(backend.provider_id)
    assert watched is None or watched.is_plain


def test_without_valkey_a_process_goes_on_and_tells_later(web: Process, worker: Process, backend: Backend) -> None:
    cut_off = Exchange(web.pool, redis.Redis(unix_socket_path="/nonexistent/valkey"))
    web.pool.begin(backend).end(ProviderRateLimited(retry_after_s=60))

    with pytest.raises(redis.RedisError):
        cut_off.run()

    assert web.state(backend) is State.RATE_LIMITED
    share(web, worker)
    assert worker.state(backend) is State.RATE_LIMITED


def test_records_of_removed_servers_are_forgotten(web: Process, backend: Backend) -> None:
    web.pool.begin(backend).end(ProviderRateLimited(retry_after_s=60))
    share(web)

    forget_records(valkey(), {uuid.uuid4()})

    assert valkey().hlen(FACTS) == 0


def test_rows_count_as_fresh_while_nothing_is_told_to_have_changed(web: Process) -> None:
    snapshot = snapshots.Snapshot([])
    organization_id = uuid.uuid4()
    share(web)
    snapshots.kept_snapshots()[organization_id] = snapshot
    snapshot.read_at -= 2
    snapshot.confirmed_at -= 2

    was_fresh = snapshot.is_fresh()
    share(web)

    assert (was_fresh, snapshot.is_fresh()) == (False, True)
    sharing.tell_of_change()
    assert organization_id not in snapshots.kept_snapshots()


@pytest.mark.django_db(transaction=True)
def test_the_exchange_runs_by_itself_and_keeps_no_loop_from_ending(owner: Someone) -> None:
    Provider.objects.create(
        organization_id=owner.actor.organization_id, name="One", kind="ollama", base_url="http://127.0.0.1:9",
        catalog=catalog_of([ModelInfo("m")]),
    )  # fmt: skip

    found = asyncio.run(backends_of(owner.actor.organization_id, "m"))

    assert [each.name for each in found] == ["One"]
    assert any(thread.name == "pool-sharing" and thread.daemon for thread in threading.enumerate())
