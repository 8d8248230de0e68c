"""Embeddings in OpenAI's shape.

Source: the types of the `openai` package 3.52 (embedding_create_params.py, create_embedding_response.py).
"""

import base64
import math
import struct
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from apps.gateway.engine.fields import ShortText, clean
from apps.gateway.errors import BadRequest, UnsupportedValue
from apps.inference.contracts import Embeddings

_encode = msgspec.json.Encoder().encode


class EmbeddingsBody(msgspec.Struct):
    """The body of a request."""

    model: str
    input: str | Annotated[list[str | int | list[int]], msgspec.Meta(min_length=1)]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, msgspec.Meta(ge=1, le=65_536)] | None = None
    user: ShortText | None = None


def texts_of(body: EmbeddingsBody) -> list[str]:
    """This will read what is to be embedded.

    Raises:
        UnsupportedValue: it is tokens, which mean another text to every model.
        BadRequest: there is nothing, or an empty text.
    """
    given = [body.input] if isinstance(body.input, str) else body.input
    texts = [clean(text) for text in given if isinstance(text, str)]
    if len(texts) != len(given):
        raise UnsupportedValue("This gateway embeds texts, not tokens: send strings.", field="input")
    if not all(texts):
        raise BadRequest("An empty text cannot be embedded.", field="input")
    return texts


def embeddings_list(embeddings: Embeddings, body: EmbeddingsBody) -> bytes:
    """This will write vectors, cut to `dimensions` and made unit vectors again, as OpenAI does.

    Raises:
        BadRequest: the model's vectors are shorter than that.
    """
    length = len(embeddings.vectors[0])
    if body.dimensions is not None and body.dimensions > length:
        raise BadRequest(f"This model's vectors have {length} dimensions.", field="dimensions")
    vectors = [shortened(vector, body.dimensions) for vector in embeddings.vectors]
    as_text = body.encoding_format == "base64"
    used = embeddings.prompt_tokens
    return _encode(
        {
            "object": "list",
            "data": [
                {"object": "embedding", "index": index, "embedding": _base64(vector) if as_text else vector}
                for index, vector in enumerate(vectors)
            ],
            "model": embeddings.model,
            "usage": {"prompt_tokens": used, "total_tokens": used},
        }
    )


def shortened(vector: Sequence[float], dimensions: int | None) -> Sequence[float]:
    """This will cut a vector to its first numbers and bring it back to length one, as OpenAI and Ollama do."""
    if not dimensions or dimensions >= len(vector):
        return vector
    kept = vector[:dimensions]
    length = math.hypot(*kept)
    return [number / length for number in kept] if length else kept


def _base64(vector: Sequence[float]) -> str:
    """Little-endian floats of 32 bits."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
