"""Which client speaks to a provider."""

from django.utils import timezone

from apps.inference.contracts import ModelClient, ProviderKind
from apps.inference.engine.builtin import BuiltinClient
from apps.inference.engine.ollama import OllamaClient
from apps.inference.engine.openai_compatible import OpenAICompatibleClient
from apps.inference.engine.scripted import ScriptedModel
from apps.inference.engine.wire import Server, Timeouts
from apps.inference.models import Provider
from olympus.settings.environment import ROOT

# What the built-in engine quotes as help.
_DOCS = ROOT / "docs"


def client_of_provider(
    provider: Provider, *, timeouts: Timeouts | None = None, context_length: int | None = None,
    keep_alive_s: float | None = None,
) -> ModelClient:  # fmt: skip
    """This will make the client of a stored provider; it holds no connection of its own."""
    return client_for_kind(
        ProviderKind(provider.kind),
        provider.base_url,
        provider.api_key,
        timeouts=timeouts,
        context_length=context_length,
        keep_alive_s=keep_alive_s,
    )


def client_for_kind(
    kind: ProviderKind,
    base_url: str,
    api_key: str,
    *,
    timeouts: Timeouts | None = None,
    context_length: int | None = None,
    keep_alive_s: float | None = None,
) -> ModelClient:
    """This will make the client of a kind of provider at an address."""
    server = Server(base_url, api_key, timeouts or Timeouts())
    if kind is ProviderKind.OLLAMA:
        return OllamaClient(server, context_length=context_length, keep_alive_s=keep_alive_s)
    if kind is ProviderKind.OPENAI:
        return OpenAICompatibleClient(server)
    return ScriptedModel()


def builtin_client(*, is_another_model_connected: bool) -> ModelClient:
    """This will make the client of the built-in engine."""
    return BuiltinClient(_DOCS, timezone.now, is_another_model_connected=is_another_model_connected)
