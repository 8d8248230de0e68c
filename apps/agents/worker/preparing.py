"""From a run's id to a prompt and a model server: the database work before a turn."""

from dataclasses import dataclass
from uuid import UUID

from apps.agents.contracts import RunPrompt
from apps.agents.hosts import host_named
from apps.agents.leases import Claim, claim_run
from apps.inference import facade as inference
from apps.inference.contracts import ModelChoice, ModelClient
from olympus.kernel.errors import OlympusError


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed run, ready to start; or `error`, when it must end before it began."""

    claim: Claim
    choice: ModelChoice | None = None
    client: ModelClient | None = None
    prompt: RunPrompt | None = None
    error: OlympusError | None = None


def prepare_run(run_id: UUID, worker_id: UUID) -> Prepared | None:
    """This will claim the run and build its prompt; None if it is another's or not yet its turn."""
    claim = claim_run(run_id, worker_id)
    if claim is None:
        return None
    choice = None
    try:
        choice = inference.choose_model(claim.request.organization_id, claim.model or None)
        prompt = host_named(claim.host).prompt(claim.request, choice)
        inference.check_request(choice, prompt.request)
        return Prepared(claim, choice, inference.client_for(choice), prompt)
    except OlympusError as error:
        return Prepared(claim, choice, error=error)
