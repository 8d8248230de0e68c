"""The source of neighbors in a compose network: names that mean something only inside a container."""

import asyncio

from apps.discovery.contracts import Candidate, ServiceKind
from apps.discovery.sources.addresses import is_private
from apps.discovery.sources.context import Named, Resolve, SourceContext
from apps.discovery.sources.ports import ALL_DEFAULT_PORTS, kind_at, ports_of

NAME = "containers"
# What people call these services in compose files.
_NAMES: dict[str, ServiceKind] = {
    "ollama": ServiceKind.OLLAMA,
    "llamacpp": ServiceKind.LLAMACPP,
    "llama-cpp": ServiceKind.LLAMACPP,
    "vllm": ServiceKind.VLLM,
    "sglang": ServiceKind.SGLANG,
    "localai": ServiceKind.LOCALAI,
    "tgi": ServiceKind.TGI,
    "litellm": ServiceKind.LITELLM,
    "searxng": ServiceKind.SEARXNG,
    "redis": ServiceKind.REDIS,
    "valkey": ServiceKind.REDIS,
    "db": ServiceKind.POSTGRES,
    "postgres": ServiceKind.POSTGRES,
}
# The machine that runs the container, as Docker and Podman call it.
_HOSTS = ("host.docker.internal", "host.containers.internal")
# Docker Model Runner, as containers reach it. Source: docs.docker.com/ai/model-runner/api-reference, "Base URLs".
_MODEL_RUNNER = "model-runner.docker.internal"
# A container's name server answers in milliseconds; one that does not has none of these names.
_ANSWER_S = 0.5
_CLUSTER = ".svc.cluster.local"


async def candidates(context: SourceContext) -> Named:
    """This will name the neighbors whose names stand for private addresses, where Olympus runs in a container.

    Elsewhere the names belong to whoever runs the network, so they are not asked for.
    """
    if not (context.is_autodetecting and context.is_in_container and context.resolve):
        return Named()
    names = [*_NAMES, *_HOSTS, _MODEL_RUNNER]
    known = await asyncio.gather(*(_is_neighbor(name, context.resolve) for name in names))
    return Named(candidates=[each for name, is_one in zip(names, known, strict=True) if is_one for each in _at(name)])


async def _is_neighbor(name: str, resolve: Resolve) -> bool:
    try:
        async with asyncio.timeout(_ANSWER_S):
            resolved = await resolve(name)
    except (TimeoutError, OSError):
        return False
    if resolved is None or not resolved.addresses:
        return False
    return _is_same_name(name, resolved.canonical) and all(is_private(each) for each in resolved.addresses)


def _is_same_name(name: str, canonical: str) -> bool:
    """Whether the name itself was found, and not one made of it with the domain of somebody's network."""
    canonical = canonical.rstrip(".").lower()
    return canonical in {"", name, f"{name}.dns.podman"} or canonical.endswith(_CLUSTER)


def _at(name: str) -> list[Candidate]:
    if name == _MODEL_RUNNER:
        places: list[tuple[int, ServiceKind | None]] = [(80, ServiceKind.MODEL_RUNNER)]
    elif kind := _NAMES.get(name):
        places = [(port, kind) for port in ports_of(kind)]
    else:
        places = [(port, kind_at(port)) for port in ALL_DEFAULT_PORTS]
    return [Candidate(source=NAME, host=name, port=port, kind=kind, is_named=True) for port, kind in places]
