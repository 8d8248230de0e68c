"""The run engine's part of the live protocol: resuming a run."""

from uuid import UUID

import msgspec

from apps.agents.access import run_for_reading
from apps.agents.contracts import RUN_EVENTS
from apps.agents.events import RunOver, RunStarted
from apps.agents.following import hub
from olympus.kernel.db import in_thread
from olympus.kernel.live import Session, register_event, register_frame


class Resume(msgspec.Struct, tag="run.resume", kw_only=True, forbid_unknown_fields=True):
    """Follow a run: its events past `after`, or a snapshot, then live ones."""

    run_id: UUID
    id: str | None = None
    after: int = 0


async def resume(session: Session, frame: Resume) -> None:
    """This will let the socket follow one of its person's runs."""
    await in_thread(run_for_reading, session.actor, frame.run_id)
    await hub().follow(session, frame.run_id, after=max(frame.after, 0))


def register() -> None:
    """This will add the frame and the events of runs to the live protocol."""
    register_frame(Resume, resume)
    for event in (*RUN_EVENTS, RunStarted, RunOver):
        register_event(event)
