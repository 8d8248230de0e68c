"""The door of inference for other apps: which models there are, and how to speak to one."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import UUID

from django.utils.translation import gettext as _

from apps.inference.calling.streaming import stream_call as stream_call
from apps.inference.clients import client_of_choice
from apps.inference.contracts import (
    Capability,
    ChatRequest,
    Embeddings,
    ModelChoice,
    ModelClient,
    ModelEvent,
)
from apps.inference.errors import ModelNotFound
from apps.inference.models import Provider
from apps.inference.selectors import choices_of, default_choice
from apps.inference.services import refresh_providers
from olympus.kernel.db import in_thread
from olympus.kernel.errors import Invalid

# English and code are about four characters a token; scripts without spaces about one.
_CHARACTERS_A_TOKEN = 4


def models_for(organization_id: UUID) -> list[ModelChoice]:
    """This will list the models the organization can use, the built-in engine last; it asks no server."""
    return choices_of(organization_id)


def choose_model(organization_id: UUID, name: str | None) -> ModelChoice:
    """This will find a model by `model`, `model` without Ollama's `:latest`, or `provider/model`; None is the default.

    Raises:
        ModelNotFound: no enabled provider offers it.
    """
    if not name:
        return default_choice(organization_id)
    choices = choices_of(organization_id)
    for is_match in (_is_named, _is_latest_of, _is_qualified):
        for choice in choices:
            if is_match(choice, name):
                return choice
    raise ModelNotFound(_("No connected model server offers %(name)s. Choose another model.") % {"name": name[:100]})


def _is_named(choice: ModelChoice, name: str) -> bool:
    return choice.model == name


def _is_latest_of(choice: ModelChoice, name: str) -> bool:
    return choice.model == f"{name}:latest"


def _is_qualified(choice: ModelChoice, name: str) -> bool:
    return name in {
        f"{choice.provider_name}/{choice.model}",
        f"{choice.provider_name}/{choice.model.removesuffix(':latest')}",
    }


def check_request(choice: ModelChoice, request: ChatRequest) -> None:
    """This will refuse, before anything is sent, what the model is known not to do.

    Raises:
        Invalid: with words for the person who asked.
    """
    if Capability.CHAT not in choice.capabilities:
        raise Invalid(_("%(model)s does not chat; choose another model.") % {"model": choice.label}, field="model")
    has_images = any(message.images for message in request.messages)
    if has_images and Capability.VISION not in choice.capabilities:
        raise Invalid(
            _("%(model)s cannot see images. Choose a model that can, or remove the image.") % {"model": choice.label},
            field="attachments",
        )


def client_for(choice: ModelChoice) -> ModelClient:
    """This will make the client that speaks to the chosen model; it reads one row, so call it in a thread.

    Raises:
        ModelNotFound: the provider was removed meanwhile.
    """
    try:
        return client_of_choice(choice.provider_id, choice.context_length)
    except Provider.DoesNotExist as error:
        raise ModelNotFound from error


async def stream_chat(choice: ModelChoice, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
    """This will stream an answer of the chosen model; closing the iterator closes the connection.

    Raises:
        Invalid: the model is known not to do what is asked.
        ModelError: after the events that came before.
    """
    check_request(choice, request)
    client = await in_thread(client_for, choice)
    async with aclosing(client.stream(request)) as events:  # type: ignore[type-var]  # every client's stream is a generator
        async for event in events:
            yield event


async def embed(organization_id: UUID, texts: Sequence[str], model: str | None = None) -> Embeddings:
    """This will embed texts by the named model, else by the first that embeds.

    Raises:
        ModelNotFound: no connected model server can.
        ModelError: the model server failed.
    """
    choice = await in_thread(_embedding_choice, organization_id, model)
    client = await in_thread(client_for, choice)
    return await client.embed(choice.model, texts)


def _embedding_choice(organization_id: UUID, model: str | None) -> ModelChoice:
    if model:
        return choose_model(organization_id, model)
    for choice in choices_of(organization_id):
        if Capability.EMBEDDINGS in choice.capabilities:
            return choice
    raise ModelNotFound(_("No connected model server offers an embedding model."))


def count_tokens(text: str) -> int:
    """This will estimate how many tokens a text is, rather too many than too few."""
    ascii_count = len(text.encode("ascii", "ignore"))
    return -(-ascii_count // _CHARACTERS_A_TOKEN) + len(text) - ascii_count


def refresh_models() -> None:
    """This will ask every enabled provider for its models and store what they say."""
    refresh_providers()
