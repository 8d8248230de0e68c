"""The web process's HTTP: uvicorn's, with bounds on what comes before a body, which uvicorn takes without end.

Its parser adds the pieces of a header to each other, so that an endless one costs the square of its length: from
anybody, before anyone was asked for a key.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# What browsers and programs send in an address and headers together stays far below; a read may bring more at once.
_HEAD_BYTES = 64 * 1024
# A head fits into a few packets; slower than this is nobody who waits for an answer.
_HEAD_S = 30.0


class BoundedHttp(HttpToolsProtocol):
    """One connection; it is closed when what is before, between or behind bodies is too large or too slow."""

    head_s = _HEAD_S

    def connection_made(self, transport: Any) -> None:
        """This will wait for the first request."""
        super().connection_made(transport)
        self._unread_bytes = 0
        self._patience: asyncio.TimerHandle | None = None
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """This will let go of the connection."""
        self._heard()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """This will read on, as long as what is read becomes a request."""
        if self.timeout_keep_alive_task is not None:
            self._wait()  # that timer ends with the first byte, whatever it is
        self._unread_bytes += len(data)
        super().data_received(data)
        if self._unread_bytes > _HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Its head is here."""
        self._unread_bytes = 0
        self._heard()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of its body is here, which whoever reads it bounds."""
        self._unread_bytes = 0
        super().on_body(body)

    def _wait(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(self.head_s, self._give_up)

    def _give_up(self) -> None:
        """Close, unless nothing was read because an earlier request is still being answered."""
        self._patience = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait()
        else:
            self.transport.close()

    def _heard(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
