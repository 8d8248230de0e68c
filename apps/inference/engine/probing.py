"""A cheap look at a model server that loads no model and asks it for none."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from apps.inference.contracts import ProviderKind
from apps.inference.engine.health import Outcome, outcome_of
from apps.inference.engine.wire import Server, Timeouts, fetch
from apps.inference.errors import ModelError

# A server that is well answers in milliseconds, also while it computes; nobody waits for a probe, but the
# round of all of them should end before the next one begins.
PROBE_TIMEOUTS = Timeouts(connect_s=1.0, answer_s=2.0)


class _Version(msgspec.Struct):
    version: str


class _Running(msgspec.Struct):
    name: str
    context_length: int | None = None


class _Processes(msgspec.Struct):
    models: list[_Running] | None = None


class _Models(msgspec.Struct):
    data: list[msgspec.Raw] | None


_version = msgspec.json.Decoder(_Version)
_processes = msgspec.json.Decoder(_Processes)
_models = msgspec.json.Decoder(_Models)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found. `loaded` are the models in memory with the context each was loaded with, None if not told."""

    outcome: Outcome
    error: ModelError | None = None
    loaded: Mapping[str, int | None] | None = None


async def look_at(kind: ProviderKind, server: Server) -> Finding:
    """This will ask a server whether it is there, and Ollama which models it has in memory."""
    try:
        if kind is ProviderKind.OLLAMA:
            return Finding(Outcome.ANSWERED, loaded=await _look_at_ollama(server))
        if kind is ProviderKind.OPENAI:
            await fetch(server, "GET", "/models", _models)
    except ModelError as error:
        return Finding(outcome_of(error), error)
    return Finding(Outcome.ANSWERED)


async def _look_at_ollama(server: Server) -> Mapping[str, int | None] | None:
    await fetch(server, "GET", "/api/version", _version)
    try:
        processes = await fetch(server, "GET", "/api/ps", _processes)
    except ModelError:
        return None  # it is there; servers that only resemble Ollama do not tell what they hold
    return {each.name: each.context_length for each in processes.models or []}
