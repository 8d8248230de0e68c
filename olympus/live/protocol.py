"""The frames every socket knows: hello, ping, errors."""

import msgspec

from olympus.kernel.live import Session, register_event, register_frame


class ReadyContent(msgspec.Struct, kw_only=True):
    """Who the socket belongs to, and how often to ping so that dead connections are noticed."""

    user: str
    ping_every_s: int


class Ready(msgspec.Struct, tag="ready", kw_only=True):
    """The first event on a socket: it is authenticated and open for frames."""

    content: ReadyContent


class Ping(msgspec.Struct, tag="ping", kw_only=True, forbid_unknown_fields=True):
    """Ask for a pong."""

    id: str | None = None


class Pong(msgspec.Struct, tag="pong", kw_only=True, omit_defaults=True):
    """The answer to a ping."""

    id: str | None = None


class FrameError(msgspec.Struct, tag="error", kw_only=True, omit_defaults=True):
    """A frame was refused; the socket stays open.

    `id` is the frame's own, `code` stable, `content` a sentence for a person, `field` the
    part of the frame that is wrong.
    """

    code: str
    content: str
    id: str | None = None
    field: str | None = None
    retry_after_s: float | None = None


async def pong(session: Session, frame: Ping) -> None:
    """This will answer a ping."""
    await session.send(Pong(id=frame.id))


def register() -> None:
    """This will add the socket's own frames and events to the protocol."""
    register_frame(Ping, pong)
    for event in (Ready, Pong, FrameError):
        register_event(event)
