"""Reads of providers and models, all from stored rows: no page waits for a model server."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import ngettext

from apps.inference.contracts import Capability, ModelChoice, ModelInfo, ProviderKind
from apps.inference.engine.builtin.client import CONTEXT_LENGTH, MODEL_NAME
from apps.inference.engine.names import is_openai, model_key
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


def provider_ids() -> set[UUID]:
    """This will tell every provider there is, of all organizations, in use or not."""
    return set(Provider.objects.values_list("pk", flat=True))


def enabled_providers(organization_id: UUID) -> list[Provider]:
    """This will list the organization's providers that may be asked, oldest first."""
    return list(Provider.objects.filter(organization_id=organization_id, is_enabled=True))


Offer = tuple[Provider, ModelInfo]


def offers_of(organization_id: UUID) -> list[Offer]:
    """This will list every model of every enabled provider, keys left where they are."""
    rows = Provider.objects.filter(organization_id=organization_id, is_enabled=True).defer("api_key")
    return [(provider, info) for provider in rows for info in provider.infos]


def choices_of(organization_id: UUID) -> list[ModelChoice]:
    """This will list the models of enabled providers, the built-in engine last; one that several have is one."""
    return pooled_choices(offers_of(organization_id))


def pooled_choices(offers: Sequence[Offer]) -> list[ModelChoice]:
    """This will make one choice of all offers of a model, and put the built-in engine last."""
    return [*(_choice(same) for same in _by_model(offers)), BUILTIN]


def default_choice(offers: Sequence[Offer]) -> ModelChoice:
    """This will pick the model for who names none: one in memory, else the first that chats, else the built-in."""
    chatting = [same for same in _by_model(offers) if any(Capability.CHAT in info.capabilities for _, info in same)]
    loaded = [same for same in chatting if any(info.is_loaded for _, info in same)]
    first = next(iter(loaded or chatting), None)
    return _choice(first) if first else BUILTIN


def named_choice(offers: Sequence[Offer], name: str) -> ModelChoice | None:
    """This will find a model by its name, or one server's by `provider/model`; both with and without `:latest`."""
    key = model_key(name)
    same = [(provider, info) for provider, info in offers if model_key(info.name) == key]
    if same:
        return _choice(same)
    if key == BUILTIN.model:
        return BUILTIN
    pinned = [offer for offer in offers if f"{offer[0].name}/{model_key(offer[1].name)}" == key]
    if pinned:
        return _choice(pinned[:1])
    return BUILTIN if key == f"{BUILTIN.provider_name}/{BUILTIN.model}" else None


def _by_model(offers: Sequence[Offer]) -> list[list[Offer]]:
    found: dict[str, list[Offer]] = {}
    for provider, info in offers:
        found.setdefault(model_key(info.name), []).append((provider, info))
    return list(found.values())


def _choice(offers: Sequence[Offer]) -> ModelChoice:
    """One choice of a model's offers; one server's own keeps its server."""
    provider, info = offers[0]
    count = len({each.pk for each, _ in offers})
    is_single = count == 1
    return ModelChoice(
        model=info.name,
        label=info.name,
        provider_id=provider.pk if is_single else None,
        provider_name=provider.name if is_single else ngettext("%(n)s server", "%(n)s servers", count) % {"n": count},
        kind=ProviderKind(provider.kind) if is_single else ProviderKind.POOL,
        capabilities=frozenset(capability for _, each in offers for capability in each.capabilities),
        context_length=max(context_length_of(*offer) for offer in offers),
        server_count=count,
        is_loaded=any(each.is_loaded for _, each in offers),
    )


def context_length_of(provider: Provider, info: ModelInfo) -> int:
    """This will tell how many tokens a provider really reads for a model."""
    if provider.kind == ProviderKind.OLLAMA and not info.is_loaded:
        return min(info.context_length or _OLLAMA_LENGTH, _OLLAMA_LENGTH)
    if info.context_length:
        return info.context_length
    return _OPENAI_LENGTH if is_openai(provider.base_url) else _UNKNOWN_LENGTH
