"""The conversations of a JSON file one at a time, whatever its size; memory holds one of them."""

from collections.abc import Iterator
from decimal import Decimal
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
        yield from ijson.basic_parse(_WithoutMark(file), buf_size=_BUFFER_BYTES)
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
        return _scalar(value)
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
        content: Any = {} if event == "start_map" else [] if event == "start_array" else _scalar(value)
        holder = self._stack[-1]
        if isinstance(holder, list):
            holder.append(content)
        else:
            holder[self._keys[-1]] = content
        if event in _STARTS:
            self._stack.append(content)
            self._keys.append("")


def _scalar(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


class _WithoutMark:
    """A file without the byte order mark some editors put at its beginning."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._is_first = True

    def read(self, size: int = -1) -> bytes:
        """This will read on."""
        data = self._file.read(size)
        if self._is_first and data:
            self._is_first = False
            data = data.removeprefix(_BOM) or self._file.read(size)
        return data
