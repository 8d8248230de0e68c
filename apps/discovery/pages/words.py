"""The words of the Services pages: products, states, risks, refusals, sources."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from django.utils.translation import gettext as _

from apps.discovery.contracts import HealthState, Refusal, Risk, ServiceKind
from apps.discovery.models import HealthChoices

E = TypeVar("E", bound=StrEnum)
Words = Callable[[], str]
# Products are called by their names, which no language changes.
_NAMES = {
    ServiceKind.OLLAMA: "Ollama",
    ServiceKind.LLAMACPP: "llama.cpp",
    ServiceKind.VLLM: "vLLM",
    ServiceKind.SGLANG: "SGLang",
    ServiceKind.LM_STUDIO: "LM Studio",
    ServiceKind.LOCALAI: "LocalAI",
    ServiceKind.TGI: "Text Generation Inference",
    ServiceKind.LITELLM: "LiteLLM",
    ServiceKind.MODEL_RUNNER: "Docker Model Runner",
    ServiceKind.OLYMPUS: "Olympus",
    ServiceKind.REDIS: "Redis",
    ServiceKind.POSTGRES: "Postgres",
    ServiceKind.SEARXNG: "SearXNG",
}
_DESCRIBED: dict[ServiceKind, Words] = {
    ServiceKind.OPENAI: lambda: _("OpenAI-compatible server"),
    ServiceKind.MCP: lambda: _("Tool server (MCP)"),
}
_ICONS = {
    ServiceKind.MCP: "wrench",
    ServiceKind.REDIS: "database",
    ServiceKind.POSTGRES: "database",
    ServiceKind.SEARXNG: "search",
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A word in a small frame; its color by meaning."""

    words: str
    kind: str = ""


_COLORS = {
    HealthState.HEALTHY: "success",
    HealthState.BUSY: "info",
    HealthState.WARMING: "info",
    HealthState.DEGRADED: "warning",
    HealthState.CONFIG_ERROR: "error",
    HealthState.RATE_LIMITED: "warning",
    HealthState.UNHEALTHY: "error",
    HealthState.OFFLINE: "error",
}
_ADVICE: dict[HealthState, Words] = {
    HealthState.BUSY: lambda: _("It answers and has a lot to do."),
    HealthState.WARMING: lambda: _("It loads a model and answers in a moment."),
    HealthState.DEGRADED: lambda: _("It does not answer each time."),
    HealthState.CONFIG_ERROR: lambda: _("It wants a key, or another one. Enter it with Change key."),
    HealthState.RATE_LIMITED: lambda: _("It asked for a pause and is asked again after it."),
    HealthState.UNHEALTHY: lambda: _("It is there but answers with errors. Look at its own log."),
    HealthState.OFFLINE: lambda: _("Nothing answers at its address. Start it, and Olympus notices by itself."),
}
_RISKS: dict[Risk, tuple[Words, Words]] = {
    Risk.NO_KEY: (
        lambda: _("answers without a key"),
        lambda: _("Whoever reaches it may use it. Set a key there if others share its network."),
    ),
    Risk.ALL_ADDRESSES: (
        lambda: _("listens on all addresses"),
        lambda: _("Not only this machine reaches it. Bind it to 127.0.0.1 if nobody else should."),
    ),
    Risk.SELF_NAMED: (
        lambda: _("name is its own word"),
        lambda: _("It says what it is called; anything could say so."),
    ),
    Risk.NOT_ENCRYPTED: (
        lambda: _("not encrypted"),
        lambda: _("What is sent to it can be read on the way."),
    ),
    Risk.CLAIMED_IDENTITY: (
        lambda: _("claims to be another entry"),
        lambda: _("It says that it is a service you know, and cannot prove it. The known entry was left as it is."),
    ),
    Risk.STARTS_PROGRAM: (
        lambda: _("starts a program"),
        lambda: _("Using it would start this command on the machine. Olympus has not started it."),
    ),
    Risk.UNCERTAIN: (
        lambda: _("not certain"),
        lambda: _("It answers like this product, but other products answer so too."),
    ),
}
_REFUSALS: dict[Refusal, Words] = {
    Refusal.METADATA: lambda: _("a cloud's metadata address"),
    Refusal.LINK_LOCAL: lambda: _("a link-local address"),
    Refusal.MULTICAST: lambda: _("a multicast address"),
    Refusal.UNSPECIFIED: lambda: _("no address of a machine"),
    Refusal.RESERVED: lambda: _("a reserved address"),
    Refusal.PUBLIC: lambda: _("a public address"),
    Refusal.NO_GRANT: lambda: _("not in a granted network"),
    Refusal.UNRESOLVED: lambda: _("its name leads nowhere"),
    Refusal.ODD_HOST: lambda: _("not a name of a machine"),
}
_ABILITIES: dict[str, Words] = {
    "models": lambda: _("lists its models"),
    "answers": lambda: _("answers as it should"),
    "chat": lambda: _("chat"),
    "tools": lambda: _("tools"),
    "vision": lambda: _("images in"),
    "thinking": lambda: _("thinking"),
    "structured_output": lambda: _("structured answers"),
    "embeddings": lambda: _("embeddings"),
    "images": lambda: _("draws images"),
    "transcription": lambda: _("transcription"),
    "speech": lambda: _("speech"),
    "prompts": lambda: _("prompts"),
    "resources": lambda: _("resources"),
}
_SOURCES: dict[str, Words] = {
    "configured": lambda: _("entered by hand"),
    "environment": lambda: _("named in the environment"),
    "listeners": lambda: _("listens on this machine"),
    "loopback": lambda: _("on this machine"),
    "containers": lambda: _("a container's name"),
    "networks": lambda: _("in a granted network"),
    "mdns": lambda: _("announced itself on the network"),
    "labels": lambda: _("labeled for Olympus"),
    "mcp_config": lambda: _("named in a configuration file"),
}


def kind_words(kind: str) -> str:
    """This will name a product."""
    known = _member(ServiceKind, kind)
    if known is None:
        return kind
    return _DESCRIBED[known]() if known in _DESCRIBED else _NAMES[known]


def kind_icon(kind: str) -> str:
    """This will name the icon of a product."""
    known = _member(ServiceKind, kind)
    return _ICONS.get(known, "server") if known else "server"


def state_tag(state: str) -> Tag:
    """This will word how a service is."""
    return Tag(str(HealthChoices(state).label), _COLORS.get(HealthState(state), ""))


def state_advice(state: str) -> str:
    """This will say what a state means and what to do; empty where there is nothing to say."""
    words = _ADVICE.get(HealthState(state))
    return words() if words else ""


def risk_words(risk: str) -> tuple[str, str]:
    """This will word a risk: in short, and what it means."""
    known = _member(Risk, risk)
    return (_RISKS[known][0](), _RISKS[known][1]()) if known else (risk, "")


def refusal_words(refusal: str) -> str:
    """This will say why nothing was sent to an address."""
    known = _member(Refusal, refusal)
    return _REFUSALS[known]() if known else refusal


def ability_words(ability: str) -> str:
    """This will name what a service or model can do."""
    words = _ABILITIES.get(ability)
    return words() if words else ability


def source_words(source: str) -> str:
    """This will say how a service came to be known."""
    words = _SOURCES.get(source)
    return words() if words else source


def _member(members: type[E], value: str) -> E | None:
    """A stored word that a later version wrote is shown as it stands."""
    return next((member for member in members if member == value), None)
