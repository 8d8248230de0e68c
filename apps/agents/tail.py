"""The live tail: a run's newest events in a Valkey stream, between its worker and the web.

What is here may be lost at any moment; the log in Postgres is what is kept.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from redis import asyncio as aioredis

from apps.agents.contracts import (
    RunEvent,
    RunMetadata,
    State,
    StateContent,
    Switch,
    SwitchContent,
    Thinking,
    Token,
    ToolRequest,
    ToolResult,
)
from apps.agents.engine.transcript import Piece

# At 25 ms a frame these are the newest 25 s; a checkpoint comes every half second.
MAX_ENTRIES = 1000
# A model server may send megabytes a second; Valkey's memory is everybody's, and the log has what is left out here.
_MAX_BYTES = 4_000_000
# A stream outlives its run only as long as slow readers need; an hour covers a run that hangs.
LIVE_TTL_S = 3600
OVER_TTL_S = 60

FIELD = b"f"
_EVENTS: dict[str, type[RunEvent]] = {"tool_request": ToolRequest, "tool_result": ToolResult}
_encode = msgspec.json.Encoder().encode


def stream_key(run_id: UUID) -> str:
    """This will name the run's stream."""
    return f"run:{run_id.hex}"


def entries_kept(frame: bytes) -> int:
    """This will say how many entries a stream may keep when this frame comes in: fewer the larger frames are."""
    return max(2, min(MAX_ENTRIES, _MAX_BYTES // max(len(frame), 1)))


def encode_piece(piece: Piece, run_id: UUID, *, attempt: int, now: datetime) -> bytes:
    """This will write a numbered piece as the frame clients get."""
    metadata = RunMetadata(
        run_id=run_id,
        seq=piece.seq,
        timestamp=now,
        offset=piece.offset,
        token_count=piece.token_count,
        attempt=attempt,
    )
    if piece.kind == "token":
        return _encode(Token(content=piece.content, metadata=metadata))
    if piece.kind == "thinking":
        return _encode(Thinking(content=piece.content, metadata=metadata))
    data: Any = piece.data or {}
    if piece.kind == "state":
        return _encode(State(content=msgspec.convert(data, StateContent), metadata=metadata))
    if piece.kind == "switch":
        return _encode(Switch(content=msgspec.convert(data, SwitchContent), metadata=metadata))
    return _encode(_EVENTS[piece.kind](content=data, metadata=metadata))  # type: ignore[call-arg]


class _TailMetadata(msgspec.Struct):
    seq: int
    attempt: int = 1
    offset: int | None = None
    token_count: int = 0


class _TailFrame(msgspec.Struct):
    type: str
    content: msgspec.Raw
    metadata: _TailMetadata


_decode = msgspec.json.Decoder(_TailFrame).decode


class _SeqOnly(msgspec.Struct):
    seq: int


class _FrameSeq(msgspec.Struct):
    metadata: _SeqOnly


_decode_seq = msgspec.json.Decoder(_FrameSeq).decode


def frame_seq(frame: bytes) -> int:
    """This will read a frame's number and nothing else."""
    return _decode_seq(frame).metadata.seq


def decode_pieces(frames: Iterable[bytes]) -> list[Piece]:
    """This will read frames back into pieces."""
    pieces = []
    for raw in frames:
        frame = _decode(raw)
        content = msgspec.json.decode(frame.content)
        is_text = frame.type in {"token", "thinking"}
        pieces.append(
            Piece(
                frame.type,
                frame.metadata.offset,
                [content] if is_text else [],
                None if is_text else content,
                frame.metadata.token_count,
                frame.metadata.seq,
            )
        )
    return pieces


async def read_tail(client: aioredis.Redis, run_id: UUID) -> list[tuple[bytes, bytes]]:
    """This will read what the stream still holds as (entry id, frame), oldest first."""
    entries: Any = await client.xrange(stream_key(run_id))
    return [(entry_id, fields[FIELD]) for entry_id, fields in entries if FIELD in fields]
