"""A server with memory, a provider of it, and calls that were made some time ago."""

import uuid
from collections.abc import Sequence
from time import time

import msgspec

from apps.inference.contracts import Capability, ModelInfo
from apps.inference.memory import noting, remembering
from apps.inference.memory.noting import CALLS, FLIGHTS, KEPT
from apps.inference.memory.pinning import pin_model
from apps.inference.models import MemoryPin, Provider, catalog_of
from olympus.kernel.valkey import valkey
from tests.doubles.ollama_memory import OllamaMemory
from tests.doubles.remembering_ollama import RememberingOllama
from tests.support.cast import Someone

GB = 1_000_000_000
MODEL = "model:latest"


def server() -> RememberingOllama:
    """Make an Ollama with two models."""
    sizes = {MODEL: 4 * GB, "other:latest": 2 * GB}
    return RememberingOllama(OllamaMemory(time, sizes, dict.fromkeys(sizes, 0.05), 16 * GB))


def provide(owner: Someone, url: str, **values: object) -> Provider:
    """Store a provider that has both."""
    infos = [ModelInfo(name, frozenset({Capability.CHAT})) for name in (MODEL, "other:latest")]
    defaults = {"name": uuid.uuid4().hex[:8], "kind": "ollama", "catalog": catalog_of(infos)}
    return Provider.objects.create(organization_id=owner.actor.organization_id, base_url=url, **{**defaults, **values})


def called(provider: Provider, ended_ago_s: Sequence[float], model: str = MODEL) -> None:
    """Note calls of five seconds that ended so long ago."""
    rows = [
        msgspec.json.encode([provider.pk.hex, model, time() - ago - took, step])
        for ago in ended_ago_s
        for took, step in ((5.0, 1), (0.0, -1))
    ]
    valkey().rpush(CALLS, *rows)


def forget_all() -> None:
    """Be a process of an installation that knows nothing."""
    valkey().delete(CALLS, FLIGHTS, KEPT, remembering._USES, remembering._SEEN, "olympus:memory:deciding")
    for key in valkey().scan_iter("olympus:memory:loading:*"):
        valkey().delete(key)
    noting._notes.clear()
    noting._under_way.clear()
    noting._take_over(None)


def a_pin(owner: Someone) -> MemoryPin:
    """Pin a model on a server nobody asks."""
    return pin_model(owner.actor, provider_id=provide(owner, "http://127.0.0.1:9").pk, model=MODEL)
