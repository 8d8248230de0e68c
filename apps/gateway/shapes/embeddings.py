"""`/v1/embeddings`."""

import msgspec

from apps.gateway.calls import choose
from apps.gateway.engine.openai_embeddings import EmbeddingsBody, embeddings_list, texts_of
from apps.gateway.exchange import Exchange
from apps.gateway.reading import parse
from apps.gateway.routes import Routes
from apps.gateway.shapes.openai import OPENAI
from apps.inference import facade

_body = msgspec.json.Decoder(EmbeddingsBody)


async def embed(exchange: Exchange) -> None:
    """This will answer POST /v1/embeddings."""
    body = parse(_body, await exchange.body())
    texts = texts_of(body)
    embeddings = await facade.embed_call(await exchange.caller(), texts, await choose(exchange, body.model))
    await exchange.send_body(embeddings_list(embeddings, body))


def register(routes: Routes) -> None:
    """This will open the address."""
    routes.add("POST", "/v1/embeddings", embed, OPENAI)
