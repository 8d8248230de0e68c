"""The door of inference for other apps: which models there are, and how to speak to one."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from apps.inference.addresses import is_same_server, providers_named_in
from apps.inference.calling.checking import check_request
from apps.inference.calling.going_on import can_go_on
from apps.inference.calling.media import image_call, speech_call, transcription_call
from apps.inference.calling.streaming import stream_call
from apps.inference.contracts import (
    Caller,
    Embeddings,
    ModelChoice,
    ModelInfo,
)
from apps.inference.embedding.calls import charged_embeddings
from apps.inference.embedding.choosing import EMBEDDER, first_embedder, is_built_in, with_embedder
from apps.inference.engine.counting import count_tokens
from apps.inference.errors import ModelDenied, ModelNotFound
from apps.inference.held import held_to
from apps.inference.managing.depending import register_dependents
from apps.inference.managing.permitting import denied_models, is_denied
from apps.inference.proving import Shown, prove_address, prove_server
from apps.inference.selectors import Offer, default_choice, named_choice, offers_of, pooled_choices
from apps.inference.services import refresh_providers
from apps.inference.taking_up import (
    KnownServer,
    NeedsItsKey,
    ServerHealth,
    StandIns,
    known_servers,
    release_server,
    server_healths,
    stand_ins_for,
    take_up_server,
)
from apps.inference.tiers.choices import is_virtual, virtual_choices
from apps.inference.tiers.deciding import is_allowed
from apps.inference.tiers.pages import menu_notes
from olympus.kernel.db import in_thread

__all__ = [
    "KnownServer",
    "ModelNotFound",
    "NeedsItsKey",
    "ServerHealth",
    "Shown",
    "StandIns",
    "can_go_on",
    "check_request",
    "choose_model",
    "count_tokens",
    "embed_call",
    "image_call",
    "is_allowed",
    "is_same_server",
    "is_virtual",
    "known_servers",
    "menu_notes",
    "model_infos",
    "models_for",
    "prove_address",
    "prove_server",
    "providers_named_in",
    "refresh_models",
    "register_dependents",
    "release_server",
    "server_healths",
    "speech_call",
    "stand_ins_for",
    "stream_call",
    "take_up_server",
    "transcription_call",
]


def models_for(
    organization_id: UUID, allowed: frozenset[str] = frozenset(), *, user_id: UUID | None = None
) -> list[ModelChoice]:
    """This will list what a person can ask: `auto` and the tiers, models that are open to them, the built-in engine last.

    A model several servers have is one choice. `allowed` are the only models a key may use, none for all. Without
    a person it is all the organization has. No server is asked.
    """
    offers = offers_to(organization_id, user_id)
    pooled = pooled_choices(offers)
    choices = with_embedder([*virtual_choices(pooled), *pooled])
    return held_to(allowed, choices, offers, organization_id) if allowed else choices


def offers_to(organization_id: UUID, user_id: UUID | None) -> list[Offer]:
    """This will list every model of every enabled provider that is open to the person; all without one."""
    offers, denied = offers_of(organization_id), denied_models(organization_id, user_id)
    return [offer for offer in offers if not is_denied(offer[1].name, denied)] if denied else offers


def model_infos(organization_id: UUID) -> dict[str, ModelInfo]:
    """This will tell by name what servers said of their models; of several that have one, one that has it in memory."""
    infos = [info for _, info in offers_of(organization_id)]
    return {info.name: info for info in sorted(infos, key=lambda info: info.is_loaded)}


def choose_model(organization_id: UUID, name: str | None, *, user_id: UUID | None = None) -> ModelChoice:
    """This will find a model, `auto` or a tier by its name, one server's by `provider/model`; None is the default.

    Ollama's `:latest` may be left out. A server's own model of a tier's name comes before the tier. The default
    is one that is open to the person.

    Raises:
        ModelNotFound: no enabled provider offers it.
        ModelDenied: it is not open to the person.
    """
    offers = offers_to(organization_id, user_id)
    if not name:
        return default_choice(offers)
    if choice := named_choice(offers, name):
        return choice
    for virtual in virtual_choices(pooled_choices(offers)):
        if virtual.model == name:
            return virtual
    if is_built_in(name):
        return EMBEDDER
    if user_id and named_choice(offers_of(organization_id), name):
        raise ModelDenied
    raise ModelNotFound(_("No connected model server offers %(name)s. Choose another model.") % {"name": name[:100]})


async def embed_call(caller: Caller, texts: Sequence[str], model: str | ModelChoice | None = None) -> Embeddings:
    """This will embed texts by the named model, else by the first a server offers, else by the built-in one.

    The answer names the model; vectors of different models must not be compared.

    Raises:
        ModelNotFound: no enabled provider offers the model.
        Invalid: it does not embed, or these are too many texts or too long ones.
        LimitReached: a budget does not allow the call, or too much waits.
        ModelError: no server could.
    """
    choice = model if isinstance(model, ModelChoice) else await in_thread(_embedding_choice, caller, model)
    return await charged_embeddings(caller, choice, texts)


def _embedding_choice(caller: Caller, model: str | None) -> ModelChoice:
    if model:
        return choose_model(caller.organization_id, model, user_id=caller.user_id)
    return first_embedder(caller.organization_id, denied_models(caller.organization_id, caller.user_id))


def refresh_models() -> None:
    """This will ask every enabled provider for its models and store what they say."""
    refresh_providers()
