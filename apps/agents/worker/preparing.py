"""From a run's id to a prompt and a call: the database work before a turn."""

from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

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

    `transcript` holds what an earlier attempt said, `language` is what its owner reads.
    """

    claim: Claim
    transcript: Transcript
    language: str
    choice: ModelChoice | None = None
    prompt: RunPrompt | None = None
    request: ChatRequest | None = None
    options: CallOptions = field(default_factory=CallOptions)
    allowed_models: frozenset[str] = frozenset()
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
            organization_id=request.organization_id,
            user_id=request.owner_id,
            door="chat",
            api_key_id=request.api_key_id,
            run_id=request.run_id,
            allowed_models=self.allowed_models,
        )


def prepare_run(run_id: UUID, worker_id: UUID) -> Prepared | None:
    """This will claim the run and build its prompt; None if it is another's or not yet its turn."""
    claim = claim_run(run_id, worker_id)
    if claim is None:
        return None
    language = language_of_run(claim.request.owner_id)
    with translation.override(language):
        return _prepared(claim, language)


def language_of_run(owner_id: UUID) -> str:
    """This will tell in which language a run's owner is told how it went."""
    return accounts.language_of(owner_id) or settings.LANGUAGE_CODE


def _prepared(claim: Claim, language: str) -> Prepared:
    choice, transcript = None, begun_transcript(claim)
    try:
        choice = choice_to_go_on(claim.request.organization_id, claim.request.owner_id, claim.model, transcript)
        prompt = host_named(claim.host).prompt(claim.request, choice)
        request = begun_request(prompt.request, transcript)
        inference.check_request(choice, request)
        allowed = _allowed(claim, choice)
        return Prepared(claim, transcript, language, choice, prompt, request, _options(claim, prompt), allowed)
    except OlympusError as error:
        return Prepared(claim, transcript, language, choice, error=error)


def _allowed(claim: Claim, choice: ModelChoice) -> frozenset[str]:
    """The models among which `auto` or a tier may choose; one that was named is held to the program's key here.

    Raises:
        ModelNotFound: the key may not use it.
    """
    allowed = accounts.models_of_key(claim.request.api_key_id)
    if not allowed or inference.is_virtual(choice):
        return allowed
    if not any(inference.is_allowed(name, allowed) for name in (claim.model, choice.model)):
        raise inference.ModelNotFound(_("Your key may not use %(model)s.") % {"model": choice.label})
    return frozenset()


def _options(claim: Claim, prompt: RunPrompt) -> CallOptions:
    return CallOptions(
        may_switch=accounts.may_switch_server(claim.request.owner_id),
        affinity=claim.request.thread_id.hex,
        may_cache=prompt.may_cache,
        may_store=prompt.may_store,
    )
