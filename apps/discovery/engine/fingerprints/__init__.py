"""All fingerprints, in the order in which they are looked for: those that others imitate come last."""

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint
from apps.discovery.engine.fingerprints import (
    litellm,
    llamacpp,
    lm_studio,
    localai,
    mcp,
    model_runner,
    ollama,
    olympus,
    openai,
    postgres,
    redis,
    searxng,
    sglang,
    tgi,
    vllm,
)

# One line adds a product.
HTTP: tuple[Fingerprint, ...] = (
    olympus.FINGERPRINT,
    localai.FINGERPRINT,
    tgi.FINGERPRINT,
    lm_studio.FINGERPRINT,
    litellm.FINGERPRINT,
    model_runner.FINGERPRINT,
    vllm.FINGERPRINT,
    sglang.FINGERPRINT,
    llamacpp.FINGERPRINT,
    ollama.FINGERPRINT,
    searxng.FINGERPRINT,
    openai.FINGERPRINT,
)
RAW: tuple[Fingerprint, ...] = (redis.FINGERPRINT, postgres.FINGERPRINT)
ALL: tuple[Fingerprint, ...] = (*HTTP, mcp.FINGERPRINT, *RAW)
BY_KIND = {fingerprint.kind: fingerprint for fingerprint in ALL}

# Where these products, and what imitates them, listen unless told otherwise.
DEFAULT_PORTS: tuple[int, ...] = tuple(sorted({port for fingerprint in ALL for port in fingerprint.ports}))


def fingerprint_of(kind: ServiceKind, path: str = "") -> Fingerprint:
    """This will return the fingerprint of a product; an MCP server may be at a path of its own."""
    return mcp.fingerprint_at(path) if kind is ServiceKind.MCP and path else BY_KIND[kind]
