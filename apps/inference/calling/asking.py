"""Calls that are no stream of words: the servers that can are asked in turn, until one answers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from apps.inference.contracts import Capability, ModelChoice
from apps.inference.engine.failing import may_be_mended, most_helpful
from apps.inference.errors import ModelNotFound
from apps.inference.pool import Backend, CallTicket, Need, backends_of, begin, rank
from olympus.kernel.errors import OlympusError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """An answer and who gave it; `ticket` is to be ended by whoever asked."""

    answer: T
    backend: Backend
    ticket: CallTicket


async def servers_that_can(organization_id: UUID, choice: ModelChoice, capability: Capability) -> list[Backend]:
    """This will list the servers that have the chosen model and say it can do this.

    Raises:
        ModelNotFound: there is none.
    """
    found = await backends_of(organization_id, choice.model, choice.provider_id)
    capable = [backend for backend in found if capability in backend.info.capabilities]
    if not capable:
        raise ModelNotFound
    return capable


async def ask_in_turn(
    servers: Sequence[Backend], capability: Capability, ask: Callable[[Backend], Awaitable[T]]
) -> Asked[T]:
    """This will ask servers, the best first, until one answers.

    Raises:
        ModelError: none could; the most helpful of what they said.
    """
    errors: list[OlympusError] = []
    for backend in rank(servers, Need(frozenset({capability}))).backends:
        ticket = begin(backend)
        try:
            answer = await ask(backend)
        except OlympusError as error:
            ticket.end(error)
            if not may_be_mended(error):
                raise
            errors.append(error)
        except BaseException:
            ticket.end()
            raise
        else:
            ticket.first_token()
            return Asked(answer, backend, ticket)
    raise most_helpful(errors)
