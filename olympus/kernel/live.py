"""The registry of the live protocol: which frames a client may send, which events a server sends."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from olympus.kernel.actor import Actor


class Session(Protocol):
    """One open socket, as a frame handler sees it."""

    actor: Actor

    async def send(self, event: msgspec.Struct) -> None:
        """Send one event to this socket."""

    def send_soon(self, frame: str) -> None:
        """Queue an encoded frame for this socket; one that reads too slowly is closed."""

    def at_close(self, callback: Callable[[], None]) -> None:
        """Call back once when the socket is gone."""


Handler = Callable[[Session, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Frame:
    """A message a client may send: its payload's shape and who answers it."""

    name: str
    payload: type[msgspec.Struct]
    handler: Handler
    summary: str
    is_counted: bool = False


_frames: dict[str, Frame] = {}
_events: list[type[msgspec.Struct]] = []


def register_frame(payload: type[msgspec.Struct], handler: Handler, *, is_counted: bool = False) -> None:
    """This will route frames of the payload's tag to `handler`; call it in `ready()`.

    The payload is a msgspec Struct with `tag="name"`; its docstring's first line becomes
    the summary in the AsyncAPI document. The handler raises OlympusError to answer with
    a typed error frame. One that is counted is held to the sender's rate limit.
    """
    name = str(payload.__struct_config__.tag)
    summary = (payload.__doc__ or name).strip().splitlines()[0]
    _frames[name] = Frame(name, payload, handler, summary, is_counted)


def register_event(event: type[msgspec.Struct]) -> None:
    """This will list an event the server may send, for the AsyncAPI document and its tests."""
    if event not in _events:
        _events.append(event)


def registered_frames() -> dict[str, Frame]:
    """This will list the frames a client may send, by name."""
    return dict(_frames)


def registered_events() -> list[type[msgspec.Struct]]:
    """This will list the events a server may send; several may share a type tag."""
    return list(_events)
