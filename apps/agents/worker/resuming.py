"""Going on with a run another worker began: what it said, by which model, and whether anybody can."""

from dataclasses import replace
from uuid import UUID

from apps.accounts import facade as accounts
from apps.agents.engine.transcript import Piece, Transcript
from apps.agents.leases import MAX_ATTEMPTS, Claim
from apps.agents.models import Run, RunLog
from apps.inference import facade as inference
from apps.inference.contracts import AUTO, ChatMessage, ChatRequest, ChatRole, ModelChoice, TierName
from olympus.kernel.db import in_thread
from olympus.kernel.errors import OlympusError

# Names that may stand for another model the next time.
_CHANGING = frozenset({"", AUTO, *(tier.value for tier in TierName)})


def logged_pieces(run_id: UUID) -> list[Piece]:
    """This will read a run's log, in order."""
    return [
        Piece(row.kind, row.offset, [row.content] if row.content else [], row.data, row.token_count, row.seq)
        for row in RunLog.objects.filter(run_id=run_id).order_by("seq")
    ]


def begun_transcript(claim: Claim) -> Transcript:
    """This will give what an earlier attempt said that this one is to go on with; empty for a new run."""
    transcript = Transcript(seq=claim.seq)
    if claim.attempt > 1 and not claim.is_ephemeral:
        begun = Transcript(seq=claim.seq)
        begun.restore_log(logged_pieces(claim.request.run_id))
        if begun.has_output:
            return begun
    return transcript


def choice_to_go_on(organization_id: UUID, owner_id: UUID, asked: str, transcript: Transcript) -> ModelChoice:
    """This will choose the model for a run: as asked, but for one that was begun the model that began it.

    Raises:
        ModelNotFound: nobody offers it any more, or it is not open to its owner.
    """
    began = transcript.told_state.get("model") if transcript.has_output and asked in _CHANGING else None
    return inference.choose_model(organization_id, began or asked or None, user_id=owner_id)


def begun_request(request: ChatRequest, transcript: Transcript) -> ChatRequest:
    """This will put what was said already into the request, as the beginning of the answer."""
    if not transcript.text:
        return request
    sampling = request.sampling
    if sampling.max_tokens is not None:
        sampling = replace(sampling, max_tokens=max(sampling.max_tokens - transcript.token_count, 1))
    said = ChatMessage(ChatRole.ASSISTANT, transcript.text)
    return replace(request, messages=(*request.messages, said), sampling=sampling, goes_on=True)


async def may_resume(run: Run | Claim, transcript: Transcript) -> bool:
    """This will tell whether another worker should go on with what a run has said.

    A temporary run has no log to go on from, a tool that was asked for may run already, and who would rather
    not have another server go on is asked first.
    """
    if run.is_ephemeral or transcript.tool_calls or run.attempt >= MAX_ATTEMPTS:
        return False
    try:
        choice = await in_thread(_choice, run, transcript)
    except OlympusError:
        return False
    if choice is None:
        return False
    return not transcript.text or await inference.can_go_on(_organization_of(run), choice)


def _choice(run: Run | Claim, transcript: Transcript) -> ModelChoice | None:
    owner_id = run.owner_id if isinstance(run, Run) else run.request.owner_id
    if not accounts.may_switch_server(owner_id):
        return None
    return choice_to_go_on(_organization_of(run), owner_id, run.model, transcript)


def _organization_of(run: Run | Claim) -> UUID:
    return run.organization_id if isinstance(run, Run) else run.request.organization_id
