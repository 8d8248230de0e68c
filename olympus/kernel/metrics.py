"""What Olympus counts of itself, for Prometheus: a process writes, `/metrics` reads what all have written.

Where PROMETHEUS_MULTIPROC_DIR is set (the web process and the workers) each process keeps its numbers
in files of that folder, and other starts that share the data in folders beside it; elsewhere they stay in memory.
A label is never what a stranger wrote: models and servers are the ones that answered.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from olympus.kernel.db import is_away
from olympus.kernel.errors import DatabaseUnavailable

logger = logging.getLogger(__name__)

_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
# More models than a team uses; what comes after them is counted together, so that the numbers stay few.
_MOST_NAMES = 200
_OTHER = "other"
# From what a cache answers within to what a person gives up at.
_FIRST_TOKEN_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_REQUEST_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
_CALL_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_WRITE_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)

_registry = CollectorRegistry()
_requests = Counter(
    "olympus_http_requests", "Requests answered, by door and status.", ["door", "status"], registry=_registry
)
_request_seconds = Histogram(
    "olympus_http_request_seconds",
    "Time until an answer was sent whole.",
    ["door"],
    buckets=_REQUEST_S,
    registry=_registry,
)
_calls = Counter(
    "olympus_model_calls",
    "Calls to models, by how they ended.",
    ["kind", "door", "model", "provider", "state"],
    registry=_registry,
)
_errors = Counter(
    "olympus_model_errors", "Calls that failed, by the error's code.", ["code", "provider"], registry=_registry
)
_tokens = Counter(
    "olympus_model_tokens", "Tokens, by what they were: input, output or cached.", ["kind", "model"], registry=_registry
)
_first_token = Histogram(
    "olympus_model_first_token_seconds",
    "Time to the first token.",
    ["model", "provider"],
    buckets=_FIRST_TOKEN_S,
    registry=_registry,
)
_call_seconds = Histogram(
    "olympus_model_call_seconds", "Time a call took.", ["kind", "model"], buckets=_CALL_S, registry=_registry
)
_gpu_seconds = Counter(
    "olympus_model_gpu_seconds",
    "Time from the first token to the last on one's own hardware.",
    ["model"],
    registry=_registry,
)
_in_flight = Gauge(
    "olympus_model_calls_in_flight",
    "Calls to model servers under way.",
    ["provider"],
    multiprocess_mode="livesum",
    registry=_registry,
)
_cache = Counter(
    "olympus_cache_lookups",
    "Questions to the cache of answers: hit, semantic, miss or bypass.",
    ["result"],
    registry=_registry,
)
_ledger_rows = Counter("olympus_ledger_entries", "Calls written into the ledger.", ["result"], registry=_registry)
_ledger_seconds = Histogram(
    "olympus_ledger_write_seconds", "Time of a commit of the ledger.", ["result"], buckets=_WRITE_S, registry=_registry
)
_refusals = Counter(
    "olympus_rate_refusals", "Requests refused by a rate limit, by class.", ["rate_class"], registry=_registry
)


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call that ended; `cache` is empty when a model answered, `error_code` when nothing went wrong."""

    kind: str
    door: str
    model: str
    provider: str
    cache: str
    state: str
    error_code: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    gpu_ms: int
    ttft_ms: int | None
    latency_ms: int


class _Names:
    """The first so many names, and one for all others."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def __call__(self, name: str) -> str:
        if name not in self._known:
            if len(self._known) >= _MOST_NAMES:
                return _OTHER
            self._known.add(name)
        return name


_model, _provider, _code = _Names(), _Names(), _Names()


def note_request(door: str, status: int, seconds: float) -> None:
    """This will count a request that was answered; `door` is one of a few words."""
    _requests.labels(door, str(status)).inc()
    _request_seconds.labels(door).observe(seconds)


def note_call(call: EndedCall) -> None:
    """This will count a call to a model that ended: how, its tokens and its times."""
    model, provider = _model(call.model), _provider(call.provider)
    _calls.labels(call.kind, call.door, model, provider, call.state).inc()
    if call.error_code:
        _errors.labels(_code(call.error_code), provider).inc()
    for kind, count in (("input", call.input_tokens), ("output", call.output_tokens), ("cached", call.cached_tokens)):
        if count:
            _tokens.labels(kind, model).inc(count)
    if call.ttft_ms is not None and not call.cache:
        _first_token.labels(model, provider).observe(call.ttft_ms / 1000)
    if call.gpu_ms:
        _gpu_seconds.labels(model).inc(call.gpu_ms / 1000)
    _call_seconds.labels(call.kind, model).observe(call.latency_ms / 1000)


def note_call_begun(provider: str) -> None:
    """This will count a call to a model server as under way; `note_call_over` ends that."""
    _in_flight.labels(_provider(provider)).inc()


def note_call_over(provider: str) -> None:
    """This will count a call to a model server as over."""
    _in_flight.labels(_provider(provider)).dec()


def note_cache(result: str) -> None:
    """This will count a question to the cache of answers: hit, semantic, miss or bypass."""
    _cache.labels(result).inc()


def note_ledger_write(entries: int, seconds: float, *, is_stored: bool = True) -> None:
    """This will count a commit of the ledger, or one that failed and is tried again."""
    result = "stored" if is_stored else "failed"
    _ledger_rows.labels(result).inc(entries)
    _ledger_seconds.labels(result).observe(seconds)


def note_rate_refusal(rate_class: str) -> None:
    """This will count a request that came too often."""
    _refusals.labels(rate_class).inc()


Measure = Callable[[], Iterable[tuple[tuple[str, ...], float]]]


@dataclass(frozen=True, slots=True)
class _Measured:
    name: str
    help: str
    labels: tuple[str, ...]
    measure: Measure


_measured: dict[str, _Measured] = {}


def register_measure(name: str, help: str, labels: tuple[str, ...], measure: Measure) -> None:  # noqa: A002 - Prometheus' word
    """This will add a number that is looked up when `/metrics` is read, from a thread.

    `measure` gives pairs of label values and number; it must answer within a second. One that fails
    is left out and counted in `olympus_measure_failed`.
    """
    _measured[name] = _Measured(name, help, labels, measure)


def rendered() -> bytes:
    """This will write all numbers in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected())
    return generate_latest(registry)


class _Collected:
    """What all processes counted, and what is measured now."""

    def collect(self) -> Iterator[Metric]:
        """Give every metric."""
        yield from _merged(Path(_FOLDER)) if _FOLDER else _registry.collect()
        failed = GaugeMetricFamily("olympus_measure_failed", "Numbers that could not be looked up.", labels=["name"])
        is_waiting_in_vain = False
        for measured in list(_measured.values()):
            family = GaugeMetricFamily(measured.name, measured.help, labels=measured.labels)
            try:
                if is_waiting_in_vain:
                    raise DatabaseUnavailable
                for labels, value in measured.measure():
                    family.add_metric(labels, value)
            except Exception as error:
                if not is_waiting_in_vain:
                    logger.warning("%s could not be measured", measured.name, exc_info=True)
                # One wait for a database that is away is enough: a scraper gives up after some ten seconds.
                is_waiting_in_vain = is_waiting_in_vain or is_away(error)
                failed.add_metric([measured.name], 1)
            else:
                yield family
        yield failed


def _merged(own: Path) -> Iterable[Metric]:
    for path in own.glob("gauge_live*_*.db"):
        pid = path.stem.rpartition("_")[2]
        # A process that was killed took nothing back of what it had under way.
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            path.unlink(missing_ok=True)
    # Beside ours lie the folders of containers that share the data.
    try:
        return _read(own.parent)
    except FileNotFoundError:  # a start has just removed what another left
        return _read(own.parent)


def _read(folders: Path) -> Iterable[Metric]:
    files = [str(path) for path in folders.glob("*/*.db")]
    merged: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
    return merged
