"""Calls to models on a program's behalf."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import UUID

from django.utils.translation import gettext as _

from apps.gateway.errors import UnknownModel
from apps.gateway.exchange import Exchange
from apps.inference import facade
from apps.inference.contracts import CallEvent, CallOptions, ChatMessage, ChatRequest, ModelChoice, Routed, Switched
from olympus.kernel.errors import NotFound
from olympus.kernel.fresh import Fresh

# No model's name is longer; what is, is not looked up.
_LONGEST_NAME = 200

_choices: Fresh[tuple[UUID, UUID, str], ModelChoice] = Fresh(
    lambda key: facade.choose_model(key[0], key[2], user_id=key[1])
)


async def choose(exchange: Exchange, name: str) -> ModelChoice:
    """This will find the model a program names among those it may use.

    Raises:
        UnknownModel: there is none of that name, or the key may not use it.
    """
    identity = exchange.identity
    if not name or len(name) > _LONGEST_NAME or "\0" in name:
        raise unknown_model(name)
    try:
        choice = await _choices.get((identity.actor.organization_id, identity.actor.user_id, name))
    except NotFound:
        raise unknown_model(name) from None
    allowed = identity.allowed_models
    # What `auto` and a tier stand for is held to the key's models where it is resolved.
    if facade.is_virtual(choice) or facade.is_allowed(name, allowed) or facade.is_allowed(choice.model, allowed):
        return choice
    raise unknown_model(name)


def unknown_model(name: str) -> UnknownModel:
    """This will make the error for a model that is not there, or not for this key, which are not told apart."""
    return UnknownModel(
        _("The model '%(name)s' does not exist or your key may not use it. GET /v1/models lists those you may use.")
        % {"name": name[:100]}
    )


def tokens_of(prompt: Sequence[ChatMessage]) -> int:
    """This will estimate how many tokens a prompt is, for a server that does not count them."""
    return sum(facade.count_tokens(message.text) for message in prompt)


async def events_of(
    exchange: Exchange, choice: ModelChoice, request: ChatRequest, options: CallOptions
) -> AsyncGenerator[CallEvent, None]:
    """This will call a model and stream its events; who answers goes into the answer's headers.

    Open the answer only with the first event: until then an error still has a status.

    Raises:
        Invalid: the model is known not to do this.
        LimitReached: a budget does not allow it.
        ModelError: after the events that came before.
    """
    calling = facade.stream_call(await exchange.caller(), choice, request, options)
    async with aclosing(calling) as events:
        async for event in events:
            if isinstance(event, Routed | Switched):
                exchange.saw(event)
            if not isinstance(event, Routed):
                yield event
