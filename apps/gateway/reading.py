"""What programs send: a body of bounded size, read strictly."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec
from django.utils.translation import gettext as _

from apps.gateway.errors import BadRequest, BodyTooLarge, GatewayFull, MalformedBody
from apps.gateway.options import body_limit_bytes

T = TypeVar("T")
Receive = Callable[[], Awaitable[dict[str, Any]]]

# Ten megabytes over a slow line; nobody holds a connection longer without having asked anything.
_BODY_S = 120.0
# What is too large is read on for this long and thrown away, so that the program hears why it was refused.
_DRAINED_BYTES = 64 * 1024 * 1024
# What is wrong is said with the value that is, of which no more than this is sent back.
_SAID_CHARS = 200
# What large bodies may take of a process's memory together, with what is made of them: ten recordings, or more prompts.
_ROOM_BYTES = 256 * 1024 * 1024
_PLACE = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")


class ClientLeft(Exception):
    """The program went away before it had asked."""


class Room:
    """What one request's body takes of the room there is for those of all; bodies of a single piece are not counted."""

    taken_bytes = 0
    __slots__ = ("_own_bytes",)

    def __init__(self) -> None:
        self._own_bytes = 0

    def take(self, size_bytes: int) -> bool:
        """This will take more, and tell whether there is so much; a request that is alone always finds it."""
        is_alone = Room.taken_bytes == self._own_bytes
        self._own_bytes += size_bytes
        Room.taken_bytes += size_bytes
        return is_alone or Room.taken_bytes <= _ROOM_BYTES

    def give_back(self) -> None:
        """This will let others have it."""
        Room.taken_bytes -= self._own_bytes
        self._own_bytes = 0


async def read_body(
    receive: Receive,
    headers: Mapping[bytes, bytes],
    limit_bytes: int | None = None,
    *,
    room: Room,
    within_s: float = _BODY_S,
) -> bytes:
    """This will read a request's body of at most `limit_bytes`, else of what the owner's setting allows.

    `room` is given back by whoever gave it, when the request is over.

    Raises:
        BodyTooLarge: there is more.
        GatewayFull: others hold too much.
        MalformedBody: it is not there in time.
        ClientLeft: nobody is there any more.
    """
    limit = limit_bytes if limit_bytes is not None else body_limit_bytes()
    declared = headers.get(b"content-length", b"")
    is_declared_too_large = declared.isdigit() and int(declared) > limit
    try:
        async with asyncio.timeout(within_s):
            if not is_declared_too_large:
                return await _read(receive, limit, room)
            await _drain(receive)
    except TimeoutError as error:
        if not is_declared_too_large:
            raise MalformedBody(_("The request's body did not arrive in time.")) from error
    raise _too_large(limit)


async def _read(receive: Receive, limit: int, room: Room) -> bytes:
    message = await receive()
    if message["type"] != "http.request" or message.get("more_body"):
        return await _rest(receive, message, limit, room)
    body: bytes = message.get("body", b"")
    if len(body) > limit:
        raise _too_large(limit)
    return body


async def _rest(receive: Receive, message: dict[str, Any], limit: int, room: Room) -> bytes:
    parts = bytearray()
    while True:
        if message["type"] != "http.request":
            raise ClientLeft
        piece = message.get("body", b"")
        parts += piece
        has_room = room.take(len(piece))
        if len(parts) > limit or not has_room:
            is_too_large = len(parts) > limit
            parts.clear()
            room.give_back()
            if message.get("more_body"):
                await _drain(receive)
            raise _too_large(limit) if is_too_large else GatewayFull
        if not message.get("more_body"):
            return bytes(parts)
        message = await receive()


async def _drain(receive: Receive) -> None:
    left = _DRAINED_BYTES
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(
        _("The request is larger than this gateway takes (%(megabytes)s MB). Send less.")
        % {"megabytes": f"{limit / 1_048_576:g}"}
    )


def parse(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """This will read a JSON body, strictly.

    Raises:
        MalformedBody: it is no JSON.
        BadRequest: a part of it is not what it should be; `field` says where.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise misfit(error) from error
    except (ValueError, RecursionError) as error:
        raise MalformedBody(_("The body of the request is no JSON: %(why)s.") % {"why": _why(error)}) from error


def misfit(error: msgspec.ValidationError) -> BadRequest:
    """This will say of a part that does not fit where it is, and what it should be."""
    said = str(error)
    place = _PLACE.search(said)
    what = (said[: place.start()] if place else said)[:_SAID_CHARS]
    field = place[1] if place else ""
    return BadRequest(f"{what} - at '{field}'." if field else what, field=field or None)


def _why(error: Exception) -> str:
    return _("nested too deeply") if isinstance(error, RecursionError) else str(error).removesuffix(".")[:200]
