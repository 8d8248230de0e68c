"""Driving one run from its prompt to its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import msgspec
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.agents.contracts import Complete, CompleteContent, RunError, RunMetadata, RunOutcome, RunState
from apps.agents.engine.route import answered_by, route_of
from apps.agents.engine.turn import Ending, run_turn
from apps.agents.leases import finish_run, release_begun_run, release_run
from apps.agents.worker.carried import Carried, StopReason
from apps.agents.worker.checkpoints import CheckpointWriter
from apps.agents.worker.ending import NEVER_TAKEN, UNSTORABLE_CODE, UNSTORABLE_MESSAGE, store_outcome
from apps.agents.worker.live import LiveWriter
from apps.agents.worker.preparing import Prepared
from apps.agents.worker.resuming import may_resume
from apps.inference import facade as inference
from apps.inference.contracts import ModelChoice, ModelEvent
from olympus.kernel.db import in_thread
from olympus.kernel.errors import OlympusError

logger = logging.getLogger(__name__)

_RETRY_S = 0.5
# So many tokens in one read mean that the server is faster than our ticks and more is waiting already.
_FULL_READ = 256
_CANNOT_GO_ON = "cannot_go_on"
INTERRUPTED_CODE = "interrupted"
INTERRUPTED_MESSAGE = _("The answer was interrupted when Olympus stopped. Ask again to go on.")


async def carry(run: Carried, prepared: Prepared, live: LiveWriter, checkpoints: CheckpointWriter) -> None:
    """This will see the run through: stream, store, tell. Ends only when the outcome is stored or not ours."""
    with translation.override(prepared.language):
        await _carry(run, prepared, live, checkpoints)


async def _carry(run: Carried, prepared: Prepared, live: LiveWriter, checkpoints: CheckpointWriter) -> None:
    outcome = await _course(run, prepared, live)
    run.is_ending = True
    await live.send_now(run)
    await checkpoints.settle()
    if run.stop_reason is StopReason.LOST:
        return
    if run.stop_reason is StopReason.SHUTDOWN and (release := await _release_of(run)):
        await _until_stored(release)
        return
    await end_run(run, outcome, live)


async def _release_of(run: Carried) -> Callable[[], bool] | None:
    """How a run is given back for another worker to begin or to go on with; None if none can."""
    claim, transcript = run.claim, run.transcript
    run_id, worker_id, attempt = claim.request.run_id, claim.worker_id, claim.attempt
    if not transcript.has_output:
        return partial(release_run, run_id, worker_id=worker_id, attempt=attempt, last_seq=transcript.seq)
    if await _once_there(partial(may_resume, claim, transcript)):
        pieces = transcript.pieces()
        return partial(release_begun_run, run_id, worker_id=worker_id, attempt=attempt, pieces=pieces)
    return None


async def end_run(run: Carried, outcome: RunOutcome, live: LiveWriter) -> None:
    """This will store the outcome, then tell those who follow."""
    claim, seq = run.claim, run.transcript.seq + 1
    finish = partial(finish_run, worker_id=claim.worker_id, attempt=claim.attempt, last_seq=seq)
    stored = await store_outcome(outcome, claim.host, finish, _until_stored)
    if stored is not None:
        await live.send_last(stored.run_id, last_frame(stored, seq=seq, attempt=claim.attempt))


async def _course(run: Carried, prepared: Prepared, live: LiveWriter) -> RunOutcome:
    try:
        choice, request = prepared.asked
        if not run.transcript.has_output:
            run.transcript.add_event("state", _state(run))
            live.news(run)

        async def news(event: ModelEvent) -> None:
            run.state = RunState.STREAMING
            live.news(run)
            if getattr(event, "token_count", 0) < _FULL_READ:
                await live.next_tick()

        events = inference.stream_call(prepared.caller, choice, request, prepared.options)
        ending = await run_turn(events, run.transcript, on_news=news, label=partial(_label, choice))
        return _outcome(run, RunState.COMPLETE, ending=ending)
    except asyncio.CancelledError:
        return _stopped(run)
    except OlympusError as error:
        return _failed(run, error)
    except Exception:
        logger.exception("run %s failed", run.claim.request.run_id)
        return _outcome(
            run,
            RunState.ERROR,
            code="internal",
            message=gettext("Something went wrong inside Olympus. Ask again; if it stays so, tell whoever runs it."),
        )


def _failed(run: Carried, error: OlympusError) -> RunOutcome:
    """A run that nobody can go on with is as it was when its worker died."""
    if error.code == _CANNOT_GO_ON:
        return _outcome(run, RunState.INTERRUPTED, code=INTERRUPTED_CODE, message=str(INTERRUPTED_MESSAGE))
    return _outcome(run, RunState.ERROR, code=error.code, message=error.message)


def _stopped(run: Carried) -> RunOutcome:
    if run.stop_reason is StopReason.CANCELLED:
        return _outcome(run, RunState.CANCELLED)
    if run.stop_reason is StopReason.REFUSED:
        return _outcome(run, RunState.ERROR, code=UNSTORABLE_CODE, message=str(UNSTORABLE_MESSAGE))
    return _outcome(run, RunState.INTERRUPTED, code=INTERRUPTED_CODE, message=str(INTERRUPTED_MESSAGE))


def _label(choice: ModelChoice, model: str) -> str:
    """How people know a model: what was chosen has a label, what was picked for it has its name."""
    is_chosen = model.removesuffix(":latest") == choice.model.removesuffix(":latest")
    return choice.label if is_chosen else model


def _state(run: Carried) -> dict[str, object]:
    choice = run.choice
    return {
        "state": RunState.PROCESSING.value,
        "model": choice.label if choice else None,
        "provider": choice.provider_name or None if choice else None,
        "left_out_count": run.left_out_count,
    }


def _outcome(
    run: Carried, state: RunState, *, ending: Ending | None = None, code: str = "", message: str = ""
) -> RunOutcome:
    request, transcript, choice = run.claim.request, run.transcript, run.choice
    model, provider = answered_by(transcript)
    counted = ending.completion_tokens if ending else None
    return RunOutcome(
        run_id=request.run_id,
        owner_id=request.owner_id,
        thread_id=request.thread_id,
        subject_id=request.subject_id,
        state=state,
        text=transcript.text,
        thinking=transcript.thinking,
        tool_calls=tuple(transcript.tool_calls),
        model=model or (choice.label if choice else ""),
        provider=provider or (choice.provider_name if choice else ""),
        token_count=transcript.token_count if counted is None else counted,
        prompt_tokens=ending.prompt_tokens if ending else None,
        finish_reason=ending.reason if ending else None,
        error_code=code,
        error_message=message,
        left_out_count=run.left_out_count,
        route=route_of(run.claim.model, transcript),
    )


def last_frame(outcome: RunOutcome, *, seq: int, attempt: int) -> bytes:
    """This will write the event that ends a run."""
    metadata = RunMetadata(
        run_id=outcome.run_id,
        seq=seq,
        timestamp=datetime.now(UTC),  # noqa: TID251 - the wire's own timestamp
        token_count=outcome.token_count,
        attempt=attempt,
    )
    if outcome.state in {RunState.COMPLETE, RunState.CANCELLED}:
        content = CompleteContent(
            state=outcome.state,
            length=len(outcome.text),
            finish_reason=outcome.finish_reason,
            prompt_tokens=outcome.prompt_tokens,
            completion_tokens=outcome.token_count,
        )
        return msgspec.json.encode(Complete(content=content, metadata=metadata))
    return msgspec.json.encode(
        RunError(
            code=outcome.error_code,
            content=outcome.error_message,
            state=outcome.state,
            kept_length=len(outcome.text),
            metadata=metadata,
        )
    )


async def _until_stored(write: Callable[[], bool]) -> bool:
    return await _once_there(partial(in_thread, write))


async def _once_there(work: Callable[[], Awaitable[bool]]) -> bool:
    """The database may be down or restarting: the text is in memory, so wait for it."""
    while True:
        try:
            return await work()
        except NEVER_TAKEN:
            raise
        except DatabaseError as error:
            logger.warning("storing an answer waits for the database: %s", type(error).__name__)
            await asyncio.sleep(_RETRY_S)
