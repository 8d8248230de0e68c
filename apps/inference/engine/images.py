"""Images as the wires carry them."""

import base64

from apps.inference.contracts import Image


def as_base64(image: Image) -> str:
    """This will encode the bytes alone, as Ollama takes them."""
    return base64.b64encode(image.data).decode()


def as_data_url(image: Image) -> str:
    """This will encode bytes and type in one, as OpenAI takes them."""
    return f"data:{image.media_type};base64,{as_base64(image)}"
