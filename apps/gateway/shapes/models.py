"""`/v1/models`: what a program may use."""

from uuid import UUID

from apps.gateway.briefly import Briefly
from apps.gateway.calls import choose
from apps.gateway.exchange import Exchange
from apps.gateway.routes import Routes
from apps.gateway.shapes.openai import OPENAI
from apps.inference import facade
from apps.inference.contracts import ModelChoice
from olympus.kernel.actor import Scope
from olympus.kernel.db import in_thread

# When OpenAI's list begins to make sense of a time: servers do not tell when a model was made.
_CREATED = 1_700_000_000


async def _listed(organization_id: UUID) -> list[ModelChoice]:
    return await in_thread(facade.models_for, organization_id)


_lists: Briefly[UUID, list[ModelChoice]] = Briefly(_listed)


async def models_of(exchange: Exchange) -> list[ModelChoice]:
    """This will list the models the program may use, each name once."""
    identity = exchange.identity
    choices = await _lists.get(identity.actor.organization_id)
    allowed = identity.allowed_models
    return list({c.model: c for c in choices if not allowed or c.model in allowed}.values())


def _object(choice: ModelChoice) -> dict[str, object]:
    return {
        "id": choice.model,
        "object": "model",
        "created": _CREATED,
        "owned_by": choice.provider_name,
        "capabilities": sorted(capability.value for capability in choice.capabilities),
        "context_length": choice.context_length,
    }


async def list_models(exchange: Exchange) -> None:
    """This will answer GET /v1/models."""
    await exchange.send_json({"object": "list", "data": [_object(choice) for choice in await models_of(exchange)]})


async def one_model(exchange: Exchange) -> None:
    """This will answer GET /v1/models/{id}; an id may hold slashes."""
    await exchange.send_json(_object(await choose(exchange, exchange.tail)))


def register(routes: Routes) -> None:
    """This will open the addresses."""
    routes.add("GET", "/v1/models", list_models, OPENAI, Scope.READ)
    routes.add("GET", "/v1/models/", one_model, OPENAI, Scope.READ)
