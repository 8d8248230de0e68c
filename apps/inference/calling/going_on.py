"""Whether an answer that broke off can be gone on with."""

from uuid import UUID

from apps.inference.contracts import ModelChoice
from apps.inference.pool import backends_of


async def can_go_on(organization_id: UUID, choice: ModelChoice) -> bool:
    """This will tell whether a server that has the model writes on from the beginning of an answer."""
    found = await backends_of(organization_id, choice.model, choice.provider_id)
    return any(backend.info.goes_on for backend in found)
