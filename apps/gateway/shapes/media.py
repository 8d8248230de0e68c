"""What the endpoints for pictures, transcripts and speech share: an answer that is handed on as it comes."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing

from apps.gateway.exchange import Exchange
from apps.inference.contracts import MediaAnswer

_EVENTS = "text/event-stream"
_UNTYPED = b"application/octet-stream"
# What a server may say it sends; a page of some other type must not look like one of Olympus's.
_SAFE = ("application/json", "text/plain", "text/vtt", "application/x-subrip", _EVENTS, "audio/")


async def hand_on(
    exchange: Exchange, calling: AbstractAsyncContextManager[MediaAnswer], *, is_streamed: bool = False
) -> None:
    """This will make a call and hand on its answer: in pieces if it is sound or events, else whole."""
    async with calling as answer:
        if answer.routed is not None:
            exchange.saw(answer.routed)
        content_type = _content_type(answer.content_type)
        async with aclosing(answer.chunks) as chunks:
            if not is_streamed and not answer.content_type.startswith(_EVENTS):
                whole = b"".join([chunk async for chunk in chunks])
            else:
                await exchange.open_stream(content_type)
                await _copy(exchange, chunks, is_sound=not answer.content_type.startswith(_EVENTS))
    # Only now: the call is over when it is settled, not when its last byte came.
    if exchange.has_started:
        await exchange.close_stream()
    else:
        await exchange.send_body(whole, content_type=content_type)


async def _copy(exchange: Exchange, chunks: AsyncIterator[bytes], *, is_sound: bool) -> None:
    try:
        async for chunk in chunks:
            await exchange.write(chunk)
    except Exception:
        # No words fit into sound: the connection is cut, so that nobody takes a part for the whole.
        exchange.is_over = is_sound
        raise


def _content_type(told: str) -> bytes:
    return told.encode("latin-1", "replace") if told.lower().startswith(_SAFE) else _UNTYPED
