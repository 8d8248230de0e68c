"""Storing how a run ended, whatever its host or the database has against it."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from django.db import DataError, IntegrityError
from django.utils.translation import gettext_lazy as _

from apps.agents.contracts import RunOutcome, RunState
from olympus.kernel.errors import OlympusError

logger = logging.getLogger(__name__)

# Trying these again brings the same answer; all other errors pass when the database is back.
NEVER_TAKEN = (DataError, IntegrityError)
UNSTORABLE_CODE = "unstorable"
UNSTORABLE_MESSAGE = _("This answer holds something that cannot be stored. Ask again, or with another model.")


class Finish(Protocol):
    """Ends a run and has its host store the outcome; without a host the run alone ends."""

    def __call__(self, outcome: RunOutcome, *, host: str | None) -> bool:
        """Tell whether the run was still ours to end."""


async def store_outcome(
    outcome: RunOutcome, host: str, finish: Finish, store: Callable[[Callable[[], bool]], Awaitable[bool]]
) -> RunOutcome | None:
    """This will store the outcome and give it back as it was stored; None if the run is no longer ours.

    What cannot be stored ends in an error instead; if the host takes not even that, the run ends
    without it.
    """
    for taker in (host, host):
        try:
            return outcome if await store(partial(finish, outcome, host=taker)) else None
        except (OlympusError, *NEVER_TAKEN) as refusal:
            outcome = _refused(outcome, refusal)
    return outcome if await store(partial(finish, outcome, host=None)) else None


def _refused(outcome: RunOutcome, refusal: Exception) -> RunOutcome:
    """A host with nowhere to keep the text says why; what the database never takes goes, since it is at fault."""
    if isinstance(refusal, OlympusError):
        return replace(outcome, state=RunState.ERROR, error_code=refusal.code, error_message=refusal.message)
    logger.error("the outcome of run %s cannot be stored", outcome.run_id, exc_info=refusal)
    return RunOutcome(
        run_id=outcome.run_id,
        owner_id=outcome.owner_id,
        thread_id=outcome.thread_id,
        subject_id=outcome.subject_id,
        state=RunState.ERROR,
        error_code=UNSTORABLE_CODE,
        error_message=str(UNSTORABLE_MESSAGE),
    )
