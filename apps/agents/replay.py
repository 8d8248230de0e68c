"""What a client that joins or comes back must be sent: the missed events, or a snapshot."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from redis import RedisError
from redis import asyncio as aioredis

from apps.agents.contracts import OVER, Route, RunMetadata, RunOutcome, RunState, Snapshot, SnapshotContent
from apps.agents.engine.route import answered_by, route_of
from apps.agents.engine.transcript import Piece, Transcript
from apps.agents.hosts import host_named
from apps.agents.models import Run
from apps.agents.tail import decode_pieces, frame_seq, read_tail
from apps.agents.worker.carrying import last_frame
from apps.agents.worker.resuming import logged_pieces
from olympus.kernel.db import in_thread


@dataclass(frozen=True, slots=True)
class Replay:
    """Frames to send now, the number they reach, and whether the run is over with them."""

    frames: tuple[str, ...]
    seq: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class _Stored:
    run: Run
    pieces: list[Piece]
    ended: SnapshotContent | None


async def replay_run(client: aioredis.Redis, run_id: UUID, *, after: int) -> Replay | None:
    """This will bring a client up to now: from `after` on if the live tail reaches back that far.

    Otherwise one snapshot stands for all so far. None if the run is gone.
    """
    tail = await _tail(client, run_id)
    stored = await in_thread(_stored, run_id)
    if stored is None:
        return None
    if stored.ended is not None:
        return _ended(stored.run, stored.ended)
    missed = _missed(tail, after)
    if missed is not None:
        return Replay(tuple(frame.decode() for frame in missed), after + len(missed), is_over=False)
    return _snapshot(stored, tail)


async def _tail(client: aioredis.Redis, run_id: UUID) -> list[bytes]:
    try:
        return [frame for _, frame in await read_tail(client, run_id)]
    except (RedisError, OSError):
        return []


def _stored(run_id: UUID) -> _Stored | None:
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        return None
    if run.state in OVER:
        ended = host_named(run.host).outcome(run.subject_id, run.thread_id)
        return _Stored(run, [], ended or SnapshotContent(state=RunState(run.state)))
    return _Stored(run, logged_pieces(run_id), None)


def _missed(tail: list[bytes], after: int) -> list[bytes] | None:
    """The frames past `after` if the tail holds every one of them, else None."""
    if after <= 0 or not tail:
        return None
    numbered = [(frame_seq(frame), frame) for frame in tail]
    missed = [(seq, frame) for seq, frame in numbered if seq > after]
    is_known = numbered[0][0] <= after + 1 and after <= numbered[-1][0]
    if not is_known or [seq for seq, _ in missed] != list(range(after + 1, after + 1 + len(missed))):
        return None
    return [frame for _, frame in missed]


def _snapshot(stored: _Stored, tail: list[bytes]) -> Replay:
    run = stored.run
    transcript = Transcript(seq=run.last_seq)
    transcript.restore_log(stored.pieces)
    transcript.restore_tail(decode_pieces(tail))
    told, (model, provider) = transcript.told_state, answered_by(transcript)
    route = route_of(run.model, transcript)
    # Numbered by what is held without a hole: what comes past a hole is asked for again.
    content = SnapshotContent(
        state=RunState.STREAMING if transcript.has_output else RunState(run.state),
        text=transcript.text,
        thinking=transcript.thinking,
        tool_calls=[dict(call) for call in transcript.tool_calls],
        model=model or None,
        provider=provider or None,
        left_out_count=told.get("left_out_count", 0),
        route=msgspec.convert(route, Route) if route else None,
    )
    return Replay((_encoded(run, content, transcript.seq, transcript.token_count),), transcript.seq, is_over=False)


def _ended(run: Run, content: SnapshotContent) -> Replay:
    error = content.error or {}
    outcome = RunOutcome(
        run_id=run.pk,
        owner_id=run.owner_id,
        thread_id=run.thread_id,
        subject_id=run.subject_id,
        state=RunState(run.state),
        text=content.text,
        token_count=run.token_count,
        prompt_tokens=run.prompt_tokens,
        error_code=str(error.get("code", "")),
        error_message=str(error.get("message", "")),
    )
    last = last_frame(outcome, seq=run.last_seq, attempt=run.attempt)
    frames = (_encoded(run, content, max(run.last_seq - 1, 0), run.token_count), last.decode())
    return Replay(frames, run.last_seq, is_over=True)


def _encoded(run: Run, content: SnapshotContent, seq: int, token_count: int) -> str:
    metadata = RunMetadata(
        run_id=run.pk,
        seq=seq,
        timestamp=datetime.now(UTC),  # noqa: TID251 - the wire's own timestamp
        token_count=token_count,
        attempt=max(run.attempt, 1),
    )
    return msgspec.json.encode(Snapshot(content=content, metadata=metadata)).decode()
