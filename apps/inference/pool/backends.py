"""Servers that have a model, as the stored rows tell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from apps.inference.clients import builtin_client, client_of_provider
from apps.inference.contracts import Capability, ModelClient, ModelInfo, ProviderKind
from apps.inference.errors import ProviderUnauthorized
from apps.inference.memory.noting import keep_alive_for
from apps.inference.models import Provider
from apps.inference.selectors import BUILTIN, context_length_of, enabled_providers
from olympus.kernel.crypto import Undecipherable

# As much of a provider's id as the choice among equals is mixed with.
_NUMBER = (1 << 64) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Backend:
    """One server that has a model. `info.name` is how this server calls it; no provider means the built-in engine."""

    provider_id: UUID | None
    name: str
    kind: ProviderKind
    base_url: str
    info: ModelInfo
    priority: int
    weight: int
    context_length: int
    number: int
    is_loaded: bool
    _make: Callable[[], ModelClient] = field(repr=False)

    @property
    def client(self) -> ModelClient:
        """The client that speaks to it; it holds no connection.

        Raises:
            ProviderUnauthorized: the stored key cannot be read.
        """
        try:
            return self._make()
        except Undecipherable as error:
            raise ProviderUnauthorized(error.message) from error


def stored_backends(organization_id: UUID) -> list[Backend]:
    """This will read which models which enabled server of the organization has; call it in a thread."""
    found = [_backend(provider, info) for provider in enabled_providers(organization_id) for info in provider.infos]
    return [*found, _builtin(is_alone=not any(Capability.CHAT in each.info.capabilities for each in found))]


def _backend(provider: Provider, info: ModelInfo) -> Backend:
    kind = ProviderKind(provider.kind)
    context_length = context_length_of(provider, info)
    return Backend(
        provider_id=provider.pk,
        name=provider.name,
        kind=kind,
        base_url=provider.base_url,
        info=info,
        priority=provider.priority,
        weight=provider.weight,
        context_length=context_length,
        number=provider.pk.int & _NUMBER,
        is_loaded=info.is_loaded or kind is not ProviderKind.OLLAMA,
        _make=lambda: client_of_provider(
            provider, context_length=context_length, keep_alive_s=keep_alive_for(provider.pk, info.name)
        ),
    )


def _builtin(*, is_alone: bool) -> Backend:
    return Backend(
        provider_id=None,
        name=BUILTIN.provider_name,
        kind=BUILTIN.kind,
        base_url="",
        info=ModelInfo(BUILTIN.model, BUILTIN.capabilities, BUILTIN.context_length),
        priority=0,
        weight=1,
        context_length=BUILTIN.context_length,
        number=0,
        is_loaded=True,
        _make=lambda: builtin_client(is_another_model_connected=not is_alone),
    )
