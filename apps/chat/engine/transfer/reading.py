"""The conversations of a JSON file one at a time, whatever its size; memory holds one of them."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson

from apps.chat.engine.transfer.shapes import NotReadable, Reason

# 20,000 messages of a ChatGPT export, which writes some 60 values for each; about 150 MB of memory.
MAX_VALUES = 1_500_000
MAX_CHARS = 64_000_000
# LibreChat nests each message in the one before: two levels a message, for 20,000 messages.
MAX_DEPTH = 40_000
# Under one of these an object at the top holds the conversations; else it is one itself.
_WRAPPERS = frozenset({"conversations", "chats"})
_BOM = b"\xef\xbb\xbf"
_BUFFER_BYTES = 65_536
_BACKSLASH = ord("\\")
_PAIR_BYTES, _HALF_BYTES = 12, 6
_SURROGATES = re.compile(rb"\\u[dD][89a-fA-F]")
# Taken from left to right: an escaped backslash, a whole pair, half of one.
_ESCAPES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_STARTS = frozenset({"start_map", "start_array"})
_ENDS = frozenset({"end_map", "end_array"})
Event = tuple[str, Any]


class Oversized:
    """Stands where a value was larger than is kept."""


OVERSIZED = Oversized()


def values_of(file: BinaryIO) -> Iterator[Any]:
    """This will give the conversations of a file: the elements of its list, or of the list in its object, or the object.

    One that is too large comes as OVERSIZED.

    Raises:
        NotReadable: what follows is no JSON; what came before is good.
    """
    events = _events(file)
    event, value = next(events, ("", None))
    if event == "start_array":
        yield from _elements(events)
    elif event == "start_map":
        yield from _object(events)
    elif event:
        yield value
    for _rest in events:
        pass


def count_values(file: BinaryIO) -> int:
    """This will count the conversations without building them; a file that breaks off counts as far as it goes."""
    depth = count = 0
    list_depth = 1
    key = ""
    try:
        for event, value in _events(file):
            if event == "map_key" and depth == 1:
                key = value
            if event in _STARTS:
                if event == "start_array" and depth == 1 and key in _WRAPPERS:
                    list_depth, count = 2, 0
                depth += 1
                count += event == "start_map" and depth == list_depth + 1
            elif event in _ENDS:
                depth -= 1
    except NotReadable:
        pass
    return max(count, 1)


def _events(file: BinaryIO) -> Iterator[Event]:
    try:
        # Numbers by the parser itself: with Python's, one of 5,000 digits crashes the extension (ijson 3.6).
        yield from ijson.basic_parse(_Mended(file), buf_size=_BUFFER_BYTES, use_float=True)
    except ijson.IncompleteJSONError as error:
        is_cut = "premature EOF" in str(error) or "Incomplete" in str(error)
        raise NotReadable(Reason.CUT_OFF if is_cut else Reason.NOT_JSON) from error
    except (ijson.JSONError, ValueError, ArithmeticError) as error:
        raise NotReadable(Reason.NOT_JSON) from error


def _elements(events: Iterator[Event]) -> Iterator[Any]:
    for event, value in events:
        if event == "end_array":
            return
        yield _build(events, event, value)


def _object(events: Iterator[Event]) -> Iterator[Any]:
    whole: dict[str, Any] = {}
    is_wrapper = False
    key = ""
    for event, value in events:
        if event == "end_map":
            break
        if event == "map_key":
            key = value
        elif event == "start_array" and key in _WRAPPERS:
            is_wrapper = True
            yield from _elements(events)
        else:
            whole[key] = _build(events, event, value)
    if not is_wrapper:
        yield OVERSIZED if OVERSIZED in whole.values() else whole


def _build(events: Iterator[Event], event: str, value: Any) -> Any:
    """One value, without recursion; past a bound the rest of it is read over and forgotten."""
    if not event.startswith("start_"):
        return value
    building = _Building([] if event == "start_array" else {})
    depth = 1
    for inner, content in events:
        if inner in _STARTS:
            depth += 1
        elif inner in _ENDS:
            depth -= 1
            if depth == 0:
                break
        if building.is_kept:
            building.take(inner, content, depth)
    return building.root if building.is_kept else OVERSIZED


class _Building:
    """A value being put together; gives all of it up once it is too large."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.is_kept = True
        self._stack: list[Any] = [root]
        self._keys: list[str] = [""]
        self._values = self._chars = 0

    def take(self, event: str, value: Any, depth: int) -> None:
        if event == "map_key":
            self._keys[-1] = value
        elif event in _ENDS:
            self._stack.pop()
            self._keys.pop()
        else:
            self._values += 1
            self._chars += len(value) if event == "string" else 0
            if self._values > MAX_VALUES or self._chars > MAX_CHARS or depth > MAX_DEPTH:
                self.is_kept, self.root, self._stack, self._keys = False, None, [], []
            else:
                self._put(event, value)

    def _put(self, event: str, value: Any) -> None:
        content: Any = {} if event == "start_map" else [] if event == "start_array" else value
        holder = self._stack[-1]
        if isinstance(holder, list):
            holder.append(content)
        else:
            holder[self._keys[-1]] = content
        if event in _STARTS:
            self._stack.append(content)
            self._keys.append("")


class _Mended:
    """A JSON file as the parser can bear it: without a byte order mark, half surrogates replaced.

    The parser hands half a surrogate on as bytes Python cannot decode, and crashes on the error (ijson 3.6).
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._is_first = True
        self._held = b""

    def read(self, size: int = -1) -> bytes:
        """This will read on; an escape that may go on in the next piece is held back for it."""
        if size == 0:
            return b""
        while data := self._file.read(size):
            if self._is_first:
                self._is_first = False
                data = data.removeprefix(_BOM)
            data = self._held + data
            end = _whole_until(data)
            data, self._held = data[:end], data[end:]
            if data:
                return _mended(data)
        data, self._held = self._held, b""
        return _mended(data)


def _whole_until(data: bytes) -> int:
    """Where an escape begins that the next piece may end; a pair of surrogates has twelve bytes."""
    at = data.find(b"\\", max(0, len(data) - _PAIR_BYTES))
    while at >= 0:
        run_end = at
        while run_end < len(data) and data[run_end] == _BACKSLASH:
            run_end += 1
        run_start = at
        while run_start and data[run_start - 1] == _BACKSLASH:
            run_start -= 1
        if (run_end - run_start) % 2:
            begin = run_end - 1
            # The second half of a pair must not part from its first.
            begin -= _HALF_BYTES if _SURROGATES.match(data, max(0, begin - _HALF_BYTES), begin) else 0
            if len(data) - begin < _PAIR_BYTES:
                return begin
        at = data.find(b"\\", run_end)
    return len(data)


def _mended(data: bytes) -> bytes:
    return _ESCAPES.sub(_whole_or_replaced, data) if _SURROGATES.search(data) else data


def _whole_or_replaced(match: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if match["half"] else match[0]
