"""`/v1/images/generations`."""

from apps.gateway.calls import choose
from apps.gateway.engine.openai_media_request import IMAGE, image_request
from apps.gateway.errors import BadRequest
from apps.gateway.exchange import Exchange
from apps.gateway.reading import parse
from apps.gateway.routes import Routes
from apps.gateway.shapes.media import hand_on
from apps.gateway.shapes.models import models_of
from apps.gateway.shapes.openai import OPENAI
from apps.inference import facade
from apps.inference.contracts import Capability


async def make_images(exchange: Exchange) -> None:
    """This will answer POST /v1/images/generations; who names no model gets the first that draws."""
    body = parse(IMAGE, await exchange.body())
    choice = await choose(exchange, body.model or await _first_that_draws(exchange))
    request = image_request(body, model=choice.model)
    await hand_on(exchange, facade.image_call(await exchange.caller(), choice, request))


async def _first_that_draws(exchange: Exchange) -> str:
    for name, choice in (await models_of(exchange)).items():
        if Capability.IMAGES in choice.capabilities:
            return name
    raise BadRequest("No model that draws is connected.", field="model")


def register(routes: Routes) -> None:
    """This will open the address."""
    routes.add("POST", "/v1/images/generations", make_images, OPENAI)
