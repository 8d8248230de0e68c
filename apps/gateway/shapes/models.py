"""`/v1/models`: what a program may use."""

from uuid import UUID

from apps.gateway.calls import choose, unknown_model
from apps.gateway.exchange import Exchange
from apps.gateway.routes import Routes
from apps.gateway.shapes.openai import OPENAI
from apps.inference import facade
from apps.inference.contracts import ModelChoice
from olympus.kernel.actor import Scope
from olympus.kernel.fresh import Fresh

# Programs want a time, and servers do not tell when a model was made.
_CREATED = 1_700_000_000
_CREATED_AT = "2023-11-14T22:13:20Z"


def _listed(key: tuple[UUID, UUID, frozenset[str]]) -> dict[str, ModelChoice]:
    organization_id, user_id, allowed = key
    offered = facade.models_for(organization_id, allowed, user_id=user_id)
    return {_name_of(choice, allowed): choice for choice in offered}


def _name_of(choice: ModelChoice, allowed: frozenset[str]) -> str:
    """What a program may call it: by its server too, where its key may not have it of others."""
    if facade.is_virtual(choice) or facade.is_allowed(choice.model, allowed):
        return choice.model
    return f"{choice.provider_name}/{choice.model}"


_lists: Fresh[tuple[UUID, UUID, frozenset[str]], dict[str, ModelChoice]] = Fresh(_listed)


async def models_of(exchange: Exchange) -> dict[str, ModelChoice]:
    """This will list the models the program may use by the names it may use for them."""
    identity = exchange.identity
    actor = identity.actor
    return await _lists.get((actor.organization_id, actor.user_id, identity.allowed_models))


def _object(name: str, choice: ModelChoice) -> dict[str, object]:
    """A model as OpenAI's programs read it, and as Anthropic's do, who ask at the same address."""
    return {
        "id": name,
        "object": "model",
        "created": _CREATED,
        "owned_by": choice.provider_name,
        "capabilities": sorted(capability.value for capability in choice.capabilities),
        "context_length": choice.context_length,
        "type": "model",
        "display_name": choice.label,
        "created_at": _CREATED_AT,
        "lifecycle": "active",
        "max_input_tokens": choice.context_length,
    }


async def list_models(exchange: Exchange) -> None:
    """This will answer GET /v1/models."""
    models = [_object(name, choice) for name, choice in (await models_of(exchange)).items()]
    ids = [model["id"] for model in models] or [None]
    await exchange.send_json(
        {"object": "list", "data": models, "has_more": False, "first_id": ids[0], "last_id": ids[-1]}
    )


async def one_model(exchange: Exchange) -> None:
    """This will answer GET /v1/models/{id}; an id may hold slashes."""
    name, models = exchange.tail, await models_of(exchange)
    choice = models.get(name) or await choose(exchange, name)
    if facade.is_virtual(choice) and name not in models:
        raise unknown_model(name)
    await exchange.send_json(_object(name, choice))


def register(routes: Routes) -> None:
    """This will open the addresses."""
    routes.add("GET", "/v1/models", list_models, OPENAI, Scope.READ)
    routes.add("GET", "/v1/models/", one_model, OPENAI, Scope.READ)
