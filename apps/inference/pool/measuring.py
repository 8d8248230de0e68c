"""What Prometheus is told of the servers: how each is, and which circuits are open."""

from collections.abc import Iterable

from apps.inference.engine.breaker import Breaker, Phase
from apps.inference.pool.pool import POOL
from apps.inference.pool.reporting import health_of
from apps.inference.selectors import providers_in_use
from olympus.kernel.metrics import register_measure

_VALUES = {Phase.CLOSED: 0.0, Phase.HALF_OPEN: 0.5, Phase.OPEN: 1.0}


def register() -> None:
    """This will have the servers measured when `/metrics` is read; call it in `ready()`."""
    register_measure("olympus_model_server", "How a model server is: 1 for its state.", ("provider", "state"), _states)
    register_measure(
        "olympus_breaker",
        "Circuits: 0 closed, 0.5 half open, 1 open; without a model it is the whole server's.",
        ("provider", "model"),
        _circuits,
    )


def _states() -> Iterable[tuple[tuple[str, ...], float]]:
    return [((provider.name, health_of(provider).state.value), 1.0) for provider in providers_in_use()]


def _circuits() -> Iterable[tuple[tuple[str, ...], float]]:
    found: list[tuple[tuple[str, ...], float]] = []
    now = POOL.now()
    for provider in providers_in_use():
        if watched := POOL.watched.get(provider.pk):
            with POOL.lock:
                circuits = {"": watched.facts.circuit, **watched.facts.models}
            found += [((provider.name, model), _value(circuit, now)) for model, circuit in circuits.items()]
    return found


def _value(circuit: Breaker, now: float) -> float:
    return _VALUES[circuit.phase(now)]
