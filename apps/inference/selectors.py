"""Reads of providers and models, all from stored rows: no page waits for a model server."""

from uuid import UUID

from apps.inference.contracts import Capability, ModelChoice, ModelInfo, ProviderKind
from apps.inference.engine.builtin.client import CONTEXT_LENGTH, MODEL_NAME
from apps.inference.models import Provider

# Servers that do not tell a model's length: what small local ones can hold, and what all of OpenAI's can.
_UNKNOWN_LENGTH = 8192
_OPENAI_LENGTH = 128_000
# A model that is not in memory is loaded with a context this long at most: its full length can take more
# memory than the machine has. One in memory keeps the length it was loaded with.
_OLLAMA_LENGTH = 8192

BUILTIN = ModelChoice(
    model=MODEL_NAME,
    label="Olympus (built in)",
    provider_id=None,
    provider_name="Olympus",
    kind=ProviderKind.BUILTIN,
    capabilities=frozenset({Capability.CHAT}),
    context_length=CONTEXT_LENGTH,
)


def providers_of(organization_id: UUID) -> list[Provider]:
    """This will list an organization's providers, oldest first."""
    return list(Provider.objects.filter(organization_id=organization_id))


def providers_in_use() -> list[Provider]:
    """This will list every enabled provider of every organization."""
    return list(Provider.objects.filter(is_enabled=True))


def enabled_providers(organization_id: UUID) -> list[Provider]:
    """This will list the organization's providers that may be asked, oldest first."""
    return list(Provider.objects.filter(organization_id=organization_id, is_enabled=True))


def choices_of(organization_id: UUID) -> list[ModelChoice]:
    """This will list the models of enabled providers, the built-in engine last."""
    rows = Provider.objects.filter(organization_id=organization_id, is_enabled=True).defer("api_key")
    return [*(_choice(provider, info) for provider in rows for info in provider.infos), BUILTIN]


def default_choice(organization_id: UUID) -> ModelChoice:
    """This will pick the model for who names none: one in memory, else the first that chats, else the built-in."""
    rows = Provider.objects.filter(organization_id=organization_id, is_enabled=True).defer("api_key")
    pairs = [(provider, info) for provider in rows for info in provider.infos if Capability.CHAT in info.capabilities]
    loaded = [pair for pair in pairs if pair[1].is_loaded]
    first = next(iter(loaded or pairs), None)
    return _choice(*first) if first else BUILTIN


def _choice(provider: Provider, info: ModelInfo) -> ModelChoice:
    return ModelChoice(
        model=info.name,
        label=info.name,
        provider_id=provider.pk,
        provider_name=provider.name,
        kind=ProviderKind(provider.kind),
        capabilities=info.capabilities,
        context_length=context_length_of(provider, info),
    )


def context_length_of(provider: Provider, info: ModelInfo) -> int:
    """This will tell how many tokens a provider really reads for a model."""
    if provider.kind == ProviderKind.OLLAMA and not info.is_loaded:
        return min(info.context_length or _OLLAMA_LENGTH, _OLLAMA_LENGTH)
    if info.context_length:
        return info.context_length
    return _OPENAI_LENGTH if "//api.openai.com" in provider.base_url else _UNKNOWN_LENGTH
