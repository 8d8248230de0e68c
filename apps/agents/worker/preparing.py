"""From a run's id to a prompt and a call: the database work before a turn."""

from dataclasses import dataclass, field
from uuid import UUID

from apps.accounts import facade as accounts
from apps.agents.contracts import RunPrompt
from apps.agents.engine.transcript import Transcript
from apps.agents.hosts import host_named
from apps.agents.leases import Claim, claim_run
from apps.agents.worker.resuming import begun_request, begun_transcript, choice_to_go_on
from apps.inference import facade as inference
from apps.inference.contracts import Caller, CallOptions, ChatRequest, ModelChoice
from olympus.kernel.errors import OlympusError


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed run, ready to start; or `error`, when it must end before it began.

    `transcript` holds what an earlier attempt said.
    """

    claim: Claim
    transcript: Transcript
    choice: ModelChoice | None = None
    prompt: RunPrompt | None = None
    request: ChatRequest | None = None
    options: CallOptions = field(default_factory=CallOptions)
    error: OlympusError | None = None

    @property
    def asked(self) -> tuple[ModelChoice, ChatRequest]:
        """Which model is asked what.

        Raises:
            OlympusError: the run must end before it began.
        """
        if self.error is not None or self.choice is None or self.request is None:
            raise self.error or AssertionError("prepared without a request")
        return self.choice, self.request

    @property
    def caller(self) -> Caller:
        """Who makes the run's call."""
        request = self.claim.request
        return Caller(
            organization_id=request.organization_id, user_id=request.owner_id, door="chat", run_id=request.run_id
        )


def prepare_run(run_id: UUID, worker_id: UUID) -> Prepared | None:
    """This will claim the run and build its prompt; None if it is another's or not yet its turn."""
    claim = claim_run(run_id, worker_id)
    if claim is None:
        return None
    choice, transcript = None, begun_transcript(claim)
    try:
        choice = choice_to_go_on(claim.request.organization_id, claim.model, transcript)
        prompt = host_named(claim.host).prompt(claim.request, choice)
        request = begun_request(prompt.request, transcript)
        inference.check_request(choice, request)
        return Prepared(claim, transcript, choice, prompt, request, _options(claim, prompt))
    except OlympusError as error:
        return Prepared(claim, transcript, choice, error=error)


def _options(claim: Claim, prompt: RunPrompt) -> CallOptions:
    return CallOptions(
        may_switch=accounts.may_switch_server(claim.request.owner_id),
        affinity=claim.request.thread_id.hex,
        may_cache=prompt.may_cache,
        may_store=prompt.may_store,
    )
