"""From bytes on a socket to a handler, and from an error to a frame."""

import logging

import msgspec
from django.utils.translation import gettext as _

from olympus.kernel.errors import Invalid, LimitReached, OlympusError, Unavailable
from olympus.kernel.live import Frame, registered_frames
from olympus.live.protocol import FrameError

logger = logging.getLogger(__name__)

# A message of 500,000 characters fits with room to spare; files go by REST.
MAX_FRAME_BYTES = 1_048_576


class UnknownFrame(Invalid):
    """There is no frame of this type."""

    code = "unknown_frame"


class MalformedFrame(Invalid):
    """This is not a frame: send one JSON object with a type."""

    code = "malformed_frame"


class FrameTooLarge(Invalid):
    """This frame is larger than 1 MiB. Send files as attachments."""

    code = "frame_too_large"


class _Envelope(msgspec.Struct):
    type: str
    id: str | None = None


_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def parse_frame(raw: str | bytes) -> tuple[Frame, msgspec.Struct, str | None]:
    """This will find the frame's handler and decode its payload.

    Raises:
        FrameTooLarge, MalformedFrame, UnknownFrame, Invalid: with `frame_id` set where known.
    """
    if len(raw) > MAX_FRAME_BYTES:
        raise FrameTooLarge
    try:
        envelope = _decode_envelope(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedFrame(f"This is not a frame: {_reason(error)}.") from error
    frame = registered_frames().get(envelope.type)
    if frame is None:
        raise _with_id(UnknownFrame(f"There is no frame of type {envelope.type[:60]!r}."), envelope.id)
    try:
        return frame, msgspec.json.decode(raw, type=frame.payload), envelope.id
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _with_id(Invalid(f"{envelope.type}: {_reason(error)}."), envelope.id) from error


def error_frame(error: Exception, frame_id: str | None) -> FrameError:
    """This will turn any failure of a frame into its answer; what is not understood is logged."""
    frame_id = frame_id or getattr(error, "frame_id", None)
    if not isinstance(error, OlympusError):
        logger.error("a frame failed", exc_info=error)
        error = Unavailable(_("Olympus could not do this just now. Nothing was lost; try again."))
    return FrameError(
        code=error.code,
        content=error.message,
        id=frame_id,
        field=error.field if isinstance(error, Invalid) else None,
        retry_after_s=error.retry_after_s if isinstance(error, LimitReached) else None,
    )


def _with_id(error: Invalid, frame_id: str | None) -> Invalid:
    error.frame_id = frame_id  # type: ignore[attr-defined]
    return error


def _reason(error: Exception) -> str:
    return str(error)[:200].rstrip(".")
