"""The one batching writer: what runs said goes to the log, and the lease is renewed with it."""

import asyncio
import logging
from collections.abc import Callable, Collection
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from apps.agents.engine.transcript import Piece
from apps.agents.worker.carried import Carried, StopReason
from olympus.kernel.db import connection_parameters
from olympus.kernel.text import clean_text

logger = logging.getLogger(__name__)
# Trying these again brings the same answer; all other errors pass when the database is back.
_NEVER_TAKEN = (psycopg.DataError, psycopg.IntegrityError)

# A stop must close the model server's connection within 1 s even while Valkey is down,
# and the request for it is read with each checkpoint.
_INTERVAL_S = 0.5

_RENEW = """
INSERT INTO agents_worker (id, hostname, pid, started_at, heartbeat_at) VALUES (%s, %s, %s, now(), now())
ON CONFLICT (id) DO UPDATE SET heartbeat_at = now()
"""
_LOG = """
INSERT INTO agents_runlog (run_id, seq, kind, "offset", content, data, token_count)
SELECT r.id, %s, %s, %s, %s, %s, %s FROM agents_run r WHERE r.id = %s AND r.worker_id = %s AND r.attempt = %s
ON CONFLICT DO NOTHING
"""
_STATES = """
UPDATE agents_run r SET state = s.state FROM unnest(%s::uuid[], %s::text[]) AS s(id, state)
WHERE r.id = s.id AND r.worker_id = %s AND r.state <> s.state
"""
_OURS = "SELECT id, is_cancel_requested FROM agents_run WHERE worker_id = %s"


class CheckpointWriter:
    """Writes on a connection of its own, so that no run waits for another's transaction."""

    def __init__(self, worker_id: UUID, identity: tuple[str, int], runs: Callable[[], Collection[Carried]]) -> None:
        self._worker_id = worker_id
        self._identity = identity
        self._runs = runs
        self._connection: psycopg.AsyncConnection | None = None
        self._writing = asyncio.Lock()
        self._told_states: dict[UUID, str] = {}

    async def run_forever(self) -> None:
        """This will checkpoint twice a second until cancelled; a database that is down is tried again."""
        while True:
            await asyncio.sleep(_INTERVAL_S)
            await self.write()

    async def write(self) -> bool:
        """This will store what is new of every run and renew the lease; False if it could not."""
        async with self._writing:
            runs = [run for run in self._runs() if not run.is_ending]
            batch = [(run, run.transcript.take_unlogged()) for run in runs]
            try:
                ours = await self._store_or_sort_out(runs, batch)
            except (psycopg.Error, OSError) as error:
                for run, pieces in batch:
                    run.transcript.give_back(pieces)
                logger.warning("checkpoint postponed: %s", type(error).__name__)
                await self._drop_connection()
                return False
        self._obey(runs, ours)
        return True

    async def _store_or_sort_out(
        self, runs: list[Carried], batch: list[tuple[Carried, list[Piece]]]
    ) -> dict[UUID, bool]:
        """What the database will never take is one run's fault and must not cost the others their lease."""
        try:
            return await self._store(runs, batch)
        except _NEVER_TAKEN:
            await self._drop_connection()
        for run, pieces in batch:
            try:
                await self._store([run], [(run, pieces)])
            except _NEVER_TAKEN as error:
                logger.error("run %s said what cannot be stored: %s", run.claim.request.run_id, type(error).__name__)
                await self._drop_connection()
                run.stop(StopReason.REFUSED)
        return await self._store(runs, [])

    async def settle(self) -> None:
        """This will wait until no checkpoint is being written."""
        async with self._writing:
            pass

    async def close(self) -> None:
        """This will close the connection."""
        await self._drop_connection()

    async def _store(self, runs: list[Carried], batch: list[tuple[Carried, list[Piece]]]) -> dict[UUID, bool]:
        connection = await self._connected()
        rows = [self._row(run, piece) for run, pieces in batch for piece in pieces if not run.claim.is_ephemeral]
        changed = {
            run.claim.request.run_id: run.state.value
            for run in runs
            if self._told_states.get(run.claim.request.run_id) != run.state.value
        }
        async with connection.pipeline(), connection.transaction(), connection.cursor() as cursor:
            await cursor.execute(_RENEW, (self._worker_id, *self._identity))
            if changed:
                await cursor.execute(_STATES, (list(changed), list(changed.values()), self._worker_id))
            if rows:
                await cursor.executemany(_LOG, rows)
            await cursor.execute(_OURS, (self._worker_id,))
            ours: dict[UUID, bool] = dict(await cursor.fetchall())
        self._told_states = {run.claim.request.run_id: run.state.value for run in runs}
        return ours

    def _row(self, run: Carried, piece: Piece) -> tuple[object, ...]:
        return (
            piece.seq,
            piece.kind,
            piece.offset,
            clean_text(piece.content),
            Jsonb(piece.data) if piece.data is not None else None,
            piece.token_count,
            run.claim.request.run_id,
            self._worker_id,
            run.claim.attempt,
        )

    @staticmethod
    def _obey(runs: list[Carried], ours: dict[UUID, bool]) -> None:
        for run in runs:
            is_cancelled = ours.get(run.claim.request.run_id)
            if is_cancelled is None:
                run.stop(StopReason.LOST)
            elif is_cancelled:
                run.stop(StopReason.CANCELLED)

    async def _connected(self) -> psycopg.AsyncConnection:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                **connection_parameters(), autocommit=True, connect_timeout=5
            )
        return self._connection

    async def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
