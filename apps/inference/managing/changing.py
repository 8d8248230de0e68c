"""Models shown, copied, deleted, loaded and unloaded where they are; what is quick is done at once."""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from apps.inference.contracts import Capability
from apps.inference.engine.managing import servers
from apps.inference.engine.managing.servers import Shown
from apps.inference.engine.names import model_key
from apps.inference.engine.wire import Server, Timeouts
from apps.inference.errors import ModelNotFound, ProviderUnauthorized
from apps.inference.managing.access import check_free, model_on, server_for_managing, usable_name
from apps.inference.managing.errors import AlreadyUnderWay
from apps.inference.managing.ordering import LIVE, order_load
from apps.inference.managing.telling import tell_changed
from apps.inference.models import MemoryPin, ModelJob, Provider
from apps.inference.services import refresh
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.crypto import Undecipherable
from olympus.kernel.errors import Invalid
from olympus.kernel.http import run_alone

T = TypeVar("T")
# A person waits for these; reading what a model is takes a server milliseconds, removing a great one seconds.
_TIMEOUTS = Timeouts(connect_s=3.0, first_token_s=15.0, answer_s=15.0)
_LISTING = Timeouts(connect_s=3.0, answer_s=10.0)
MOST_ADAPTER_BYTES = 1024 * 1024 * 1024
_GGUF = b"GGUF"
_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ShownModel:
    """A model of a server as the server itself describes it."""

    provider: Provider
    model: str
    told: Shown


def show_model(actor: Actor, *, provider_id: UUID, model: str) -> ShownModel:
    """This will ask a server what a model of it is.

    Raises:
        Denied, NotFound, NotManaged
        ModelError: the server does not tell.
    """
    provider = server_for_managing(actor, provider_id)
    name = model_on(provider, model)
    return ShownModel(provider, name, _asked(provider, lambda server: servers.show(server, name)))


def copy_model(actor: Actor, *, provider_id: UUID, model: str, name: str) -> str:
    """This will give a model a second name on its server, and return it; the copy takes no space.

    Raises: as `show_model`, and
        NoModelName, NameTaken
    """
    provider = server_for_managing(actor, provider_id)
    source, destination = model_on(provider, model), usable_name(name, field="name")
    check_free(provider, destination)
    _asked(provider, lambda server: servers.copy(server, source, destination))
    audit.record("model.copy", actor=actor, subject=destination, server=provider.name, source=source)
    _look_again(provider)
    return destination


def delete_model(actor: Actor, *, provider_id: UUID, model: str) -> None:
    """This will remove a model from a server; ask `dependents_of` first what would miss it.

    Raises: as `show_model`, and
        AlreadyUnderWay: it is being brought there just now.
    """
    provider = server_for_managing(actor, provider_id)
    name = model_on(provider, model)
    if ModelJob.objects.filter(provider=provider, key=model_key(name), state__in=LIVE).exists():
        raise AlreadyUnderWay(_("This model is on its way to this server. Cancel that first."))
    with suppress(ModelNotFound):  # somebody was quicker: the list shows it in a moment
        _asked(provider, lambda server: servers.delete(server, name))
    MemoryPin.objects.filter(provider=provider, model=name).delete()
    audit.record("model.delete", actor=actor, subject=name, server=provider.name)
    _look_again(provider)


def load_model(actor: Actor, *, provider_id: UUID, model: str) -> ModelJob:
    """This will have a server read a model into memory; that takes a while and can be followed and cancelled.

    Raises: as `show_model`, and
        AlreadyUnderWay, TooManyWaiting
    """
    provider = server_for_managing(actor, provider_id)
    name = model_on(provider, model)
    info = next(info for info in provider.infos if info.name == name)
    embeds = Capability.EMBEDDINGS in info.capabilities and Capability.CHAT not in info.capabilities
    return order_load(actor, provider, name, embeds=embeds)


def unload_model(actor: Actor, *, provider_id: UUID, model: str) -> None:
    """This will free the memory a model takes on a server; answers under way are finished first.

    Raises: as `show_model`
    """
    provider = server_for_managing(actor, provider_id)
    name = model_on(provider, model)
    _asked(provider, lambda server: servers.unload(server, name))
    audit.record("model.unload", actor=actor, subject=name, server=provider.name)
    _look_again(provider)


def send_adapter(actor: Actor, *, provider_id: UUID, file: IO[bytes], size_bytes: int) -> str:
    """This will bring an adapter's file to a server and return its digest, by which a model is made with it.

    Raises:
        Denied, NotFound, NotManaged
        Invalid: it is too large, or no GGUF file.
        ModelError: the server does not take it.
    """
    provider = server_for_managing(actor, provider_id)
    if size_bytes > MOST_ADAPTER_BYTES:
        raise Invalid(_("An adapter has at most 1 GB."), field="file")
    file.seek(0)
    if file.read(len(_GGUF)) != _GGUF:
        raise Invalid(_("This is no adapter in GGUF format. Convert it with llama.cpp first."), field="file")
    digest = _digest_of(file)

    async def send(server: Server) -> None:
        if not await servers.has_file(server, digest):
            file.seek(0)
            await servers.send_file(server, digest, file)

    _asked(provider, send)
    audit.record("model.adapter", actor=actor, subject=digest, server=provider.name, size_bytes=size_bytes)
    return digest


def _digest_of(file: IO[bytes]) -> str:
    file.seek(0)
    made = hashlib.sha256()
    while piece := file.read(_READ_BYTES):
        made.update(piece)
    return f"sha256:{made.hexdigest()}"


def _asked(provider: Provider, ask: Callable[[Server], Awaitable[T]]) -> T:
    try:
        server = Server(provider.base_url, provider.api_key, _TIMEOUTS)
    except Undecipherable as error:
        raise ProviderUnauthorized(error.message) from error
    return run_alone(lambda: ask(server))


def _look_again(provider: Provider) -> None:
    refresh([provider], _LISTING)
    tell_changed(provider.organization_id, provider.pk)
