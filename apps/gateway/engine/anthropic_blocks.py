"""The blocks a message of Anthropic's shape consists of.

Source: the types of the `anthropic` package 2.12 (content_block_param.py and its parts).
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from apps.gateway.errors import BadRequest, UnsupportedValue
from apps.inference.contracts import Image


class Text(msgspec.Struct, tag_field="type", tag="text"):
    """What is said."""

    text: str


class Base64Source(msgspec.Struct, tag_field="type", tag="base64"):
    """A file in the request itself."""

    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"]
    data: str


class UrlSource(msgspec.Struct, tag_field="type", tag="url"):
    """A file somewhere else."""

    url: str


class FileSource(msgspec.Struct, tag_field="type", tag="file"):
    """A file kept by Anthropic."""

    file_id: str


class TextSource(msgspec.Struct, tag_field="type", tag="text"):
    """A document's text."""

    data: str


class ContentSource(msgspec.Struct, tag_field="type", tag="content"):
    """A document in pieces."""

    content: str | list[Text]


class Picture(msgspec.Struct, tag_field="type", tag="image"):
    """A picture."""

    source: Base64Source | UrlSource | FileSource


class Document(msgspec.Struct, tag_field="type", tag="document"):
    """A document; what is not text is refused."""

    source: Base64Source | UrlSource | FileSource | TextSource | ContentSource
    title: str | None = None
    context: str | None = None


class SearchResult(msgspec.Struct, tag_field="type", tag="search_result"):
    """Something found, with where."""

    title: str
    source: str
    content: list[Text]


class Thinking(msgspec.Struct, tag_field="type", tag="thinking"):
    """What a model thought before; models here begin anew, so it is not sent to them."""


class RedactedThinking(Thinking, tag_field="type", tag="redacted_thinking"):
    """The same, in cipher."""


class ToolUse(msgspec.Struct, tag_field="type", tag="tool_use"):
    """A model's wish to call a tool."""

    id: str
    name: str
    input: dict[str, Any] = {}


ResultBlock = Text | Picture | Document | SearchResult


class ToolResult(msgspec.Struct, tag_field="type", tag="tool_result"):
    """What a tool answered."""

    tool_use_id: str
    content: str | list[ResultBlock] | None = None
    is_error: bool | None = None


AnyBlock = Text | Picture | Document | SearchResult | Thinking | RedactedThinking | ToolUse | ToolResult


def words_of(blocks: Sequence[object], place: str = "content") -> str:
    """This will join what blocks say, a line apart.

    Raises:
        BadRequest: a document is no text.
    """
    return "\n".join(_words(block, place) for block in blocks)


def _words(block: object, place: str) -> str:
    match block:
        case Text():
            return block.text
        case SearchResult():
            return "\n".join([f"{block.title} ({block.source})", *(part.text for part in block.content)])
        case Document(source=TextSource(data=text)) | Document(source=ContentSource(content=str(text))):
            return "\n".join(part for part in (block.title, block.context, text) if part)
        case Document(source=ContentSource(content=list(parts))):
            return "\n".join(part for part in (block.title, block.context, *(each.text for each in parts)) if part)
    raise UnsupportedValue("Documents are taken as text alone. Send the document's text.", field=place)


def image_of(picture: Picture, place: str) -> Image:
    """This will take a picture out of its block.

    Raises:
        BadRequest: it is elsewhere, or no base64.
    """
    source = picture.source
    if not isinstance(source, Base64Source) or not source.media_type.startswith("image/"):
        raise UnsupportedValue("This gateway fetches no pictures. Send the picture itself, in base64.", field=place)
    try:
        return Image(source.media_type, base64.b64decode(source.data, validate=True))
    except (binascii.Error, ValueError) as error:
        raise BadRequest("The picture is no valid base64.", field=f"{place}.data") from error
