"""Whole lines out of network reads, and Server-Sent Events out of lines."""

from apps.inference.errors import MalformedStream

# A line is one token, or one complete tool call; a megabyte is neither.
LINE_LIMIT_BYTES = 1024 * 1024


class LineBuffer:
    """Holds the unfinished line between two reads, never more than the limit."""

    def __init__(self, limit_bytes: int = LINE_LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._rest = bytearray()

    def take(self, data: bytes) -> bytes:
        """This will return all whole lines, their ends included; empty when there is none yet.

        Raises:
            MalformedStream: the unfinished line is past the limit.
        """
        end = data.rfind(b"\n") + 1
        if not end:
            self._keep(data)
            return b""
        whole = data[:end]
        if self._rest:
            whole = bytes(self._rest) + whole
            self._rest.clear()
        self._keep(data[end:])
        return whole

    def rest(self) -> bytes:
        """This will return the last line of a stream that did not end it."""
        rest = bytes(self._rest)
        self._rest.clear()
        return rest

    def _keep(self, data: bytes) -> None:
        self._rest += data
        if len(self._rest) > self._limit:
            self._rest.clear()
            raise MalformedStream("The model server sent a line of more than a megabyte, which is not its protocol.")


class EventReader:
    """Takes the data out of Server-Sent Events.

    Source: WHATWG HTML, section 9.2.6. Comments and the fields event, id and retry are
    skipped; several data lines of an event are joined. LF and CRLF end a line.
    """

    def __init__(self) -> None:
        self._data: list[bytes] = []
        self._size_bytes = 0

    def feed(self, lines: bytes) -> list[bytes]:
        """This will return the data of each event these whole lines complete.

        Raises:
            MalformedStream: the data lines of one event are past the limit of a line.
        """
        events: list[bytes] = []
        for raw in lines.split(b"\n")[:-1]:
            line = raw[:-1] if raw.endswith(b"\r") else raw
            if line.startswith(b"data:"):
                self._add(line[6:] if line[5:6] == b" " else line[5:])
            elif not line and self._data:
                events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                self._data.clear()
                self._size_bytes = 0
            elif line.startswith(b"{"):
                events.append(line)  # a server that answers an event stream with a plain JSON object, mostly an error
        return events

    def _add(self, data: bytes) -> None:
        self._data.append(data)
        self._size_bytes += len(data)
        if self._size_bytes > LINE_LIMIT_BYTES:
            raise MalformedStream("The model server sent an event of more than a megabyte, which is not its protocol.")
