"""The parsers alone: what may stand in a line, however the network cuts it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.inference.contracts import (
    Finished,
    FinishReason,
    ModelEvent,
    TextDelta,
    ThinkingDelta,
    ToolCallRequested,
    Usage,
)
from apps.inference.engine.deltas import TextJoiner
from apps.inference.engine.lines import LINE_LIMIT_BYTES, EventReader, LineBuffer
from apps.inference.engine.ollama import ChatParser
from apps.inference.engine.openai_chunks import ChunkParser
from apps.inference.errors import MalformedStream, StreamCut

DONE = b'{"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}\n'
Write = Callable[[str], bytes]


def ollama_line(text: str, *, ascii_only: bool = False) -> bytes:
    return (
        json.dumps({"message": {"content": text}, "done": False}, ensure_ascii=ascii_only).encode(
            "utf-8", "surrogatepass"
        )
        + b"\n"
    )


def openai_line(text: str, *, ascii_only: bool = False) -> bytes:
    body = json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}, ensure_ascii=ascii_only)
    return b"data: " + body.encode("utf-8", "surrogatepass") + b"\n\n"


def read(parser: Any, data: bytes) -> list[ModelEvent]:
    return list(parser.feed(data))


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def sse(*deltas: dict[str, Any], reason: str | None = None, usage: dict[str, Any] | None = None) -> bytes:
    lines = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    if reason:
        lines.append({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    if usage:
        lines.append({"choices": [], "usage": usage})
    return b"".join(b"data: " + json.dumps(line).encode() + b"\n\n" for line in lines)


@pytest.mark.parametrize(("parser", "line"), [(ChatParser, ollama_line), (ChunkParser, openai_line)])
def test_a_character_split_between_two_tokens_comes_out_whole(parser: Any, line: Any) -> None:
    one, other = (json.loads(f'"{half}"') for half in ("\\ud83d", "\\ude00"))

    in_one_read = read(parser(), line("a" + one, ascii_only=True) + line(other + "b", ascii_only=True))
    apart = parser()
    in_two_reads = read(apart, line("a" + one, ascii_only=True)) + read(apart, line(other + "b", ascii_only=True))

    assert text_of(in_one_read) == text_of(in_two_reads) == "a😀b"


@pytest.mark.parametrize(("parser", "line"), [(ChatParser, ollama_line), (ChunkParser, openai_line)])
def test_nul_and_lone_surrogates_become_the_replacement_character(parser: Any, line: Any) -> None:
    reader = parser()

    events = read(reader, line("a\x00b", ascii_only=True) + line("\udc00c\ud800d", ascii_only=True))

    assert text_of(events) == "a\ufffdb\ufffdc\ufffdd"


def test_a_half_character_at_the_end_of_an_answer_is_replaced() -> None:
    events = read(ChatParser(), ollama_line("a\ud83d", ascii_only=True) + DONE)

    assert text_of(events) == "a\ufffd"
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize(("parser", "line"), [(ChatParser, ollama_line), (ChunkParser, openai_line)])
def test_invalid_utf8_is_replaced_and_the_answer_goes_on(parser: Any, line: Any) -> None:
    raw = line("a*b").replace(b"*", b"\xff") + line("c")

    assert text_of(read(parser(), raw)) == "a\ufffdbc"


def test_what_came_before_a_malformed_line_in_the_same_read_is_kept() -> None:
    parser = ChatParser()

    events = read(parser, ollama_line("a") + ollama_line("b") + b"{nonsense\n" + ollama_line("c"))

    assert text_of(events) == "ab"
    assert isinstance(parser.failure, MalformedStream)


@pytest.mark.parametrize("raw", [b"null\n", b"[]\n", b'"text"\n', b"{}\n", b'{"message":5}\n', b"[" * 100_000 + b"\n"])
def test_json_that_is_not_the_protocol_is_malformed(raw: bytes) -> None:
    parser = ChatParser()

    read(parser, raw)

    assert isinstance(parser.failure, MalformedStream)


def test_an_ollama_line_without_its_end_counts_if_it_is_whole() -> None:
    whole, cut = ChatParser(), ChatParser()

    events = whole.end(DONE.strip())
    cut.end(DONE[:20])

    assert isinstance(events[-1], Finished)
    assert whole.failure is None
    assert isinstance(cut.failure, StreamCut)


def test_thinking_and_text_of_one_read_keep_their_order() -> None:
    raw = (
        b'{"message":{"thinking":"hm"}}\n{"message":{"thinking":"!"}}\n'
        + ollama_line("a")
        + b'{"message":{"thinking":"?"}}\n'
    )

    events = read(ChatParser(), raw)

    assert events == [ThinkingDelta("hm!", 2), TextDelta("a", 1), ThinkingDelta("?", 1)]


def test_events_may_have_comments_crlf_fields_and_several_data_lines() -> None:
    reader = EventReader()

    events = reader.feed(
        b": hello\r\nevent: x\r\nid: 1\r\nretry: 5\r\ndata: one\r\ndata:two\r\n\r\n\r\ndata: three\n\n"
    )

    assert events == [b"one\ntwo", b"three"]


def test_an_event_of_many_data_lines_is_bounded() -> None:
    reader = EventReader()
    line = b"data: " + b"x" * 100_000 + b"\n"

    for _ in range(LINE_LIMIT_BYTES // 100_000):
        reader.feed(line)
    with pytest.raises(MalformedStream):
        reader.feed(line)


def test_a_line_is_bounded() -> None:
    buffer = LineBuffer(limit_bytes=10)

    assert buffer.take(b"0123456789") == b""
    with pytest.raises(MalformedStream):
        buffer.take(b"x")


def test_a_finish_reason_without_done_is_an_end_and_nothing_is_a_cut() -> None:
    finished, cut = ChunkParser(), ChunkParser()
    read(finished, sse({"content": "a"}, reason="stop"))
    read(cut, sse({"content": "a"}))

    events = finished.end(b"")
    cut.end(b"")

    assert events == [Finished(FinishReason.STOP, None)]
    assert finished.failure is None
    assert isinstance(cut.failure, StreamCut)


def test_usage_with_cached_tokens_is_read() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}

    events = read(ChunkParser(), sse({"content": "a"}, reason="length", usage=usage) + b"data: [DONE]\n\n")

    assert events[-1] == Finished(FinishReason.LENGTH, Usage(5, 2, 4))


def test_interleaved_and_unnumbered_tool_calls_are_put_together() -> None:
    def part(index: int | None, call_id: str | None, name: str | None, arguments: str) -> dict[str, Any]:
        return {"tool_calls": [{"index": index, "id": call_id, "function": {"name": name, "arguments": arguments}}]}

    raw = sse(
        part(0, "a", "one", '{"x"'), part(1, "b", "two", "{"), part(0, None, None, ": 1}"), part(1, None, None, "}"),
        part(1, "c", "three", "not json"), reason="tool_calls",
    )  # fmt: skip

    calls = [event.call for event in read(ChunkParser(), raw) if isinstance(event, ToolCallRequested)]

    assert [(call.id, call.name, call.arguments) for call in calls] == [
        ("a", "one", {"x": 1}), ("b", "two", {}), ("c", "three", {"unparsed": "not json"}),
    ]  # fmt: skip


def test_content_in_parts_is_read() -> None:
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "a"}]

    events = read(ChunkParser(), sse({"content": parts}))

    assert events == [ThinkingDelta("hm", 1), TextDelta("a", 1)]


def test_a_plain_json_error_in_place_of_events_is_read() -> None:
    parser = ChunkParser()

    parser.feed(b'{"error": {"message": "the input length exceeds the context length", "code": 400}}\n')

    assert parser.failure is not None
    assert parser.failure.code == "context_exceeded"


@given(st.lists(st.text(max_size=6), max_size=12), st.data())
def test_however_the_network_cuts_the_lines_the_text_is_the_same(tokens: list[str], data: st.DataObject) -> None:
    raw = b"".join(openai_line(token) for token in tokens) + b"data: [DONE]\n\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    parser, buffer = ChunkParser(), LineBuffer()

    events: list[ModelEvent] = []
    for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
        if lines := buffer.take(raw[start:end]):
            events += parser.feed(lines)

    assert text_of(events) == "".join(tokens).replace("\x00", "\ufffd")
    assert parser.is_over


@given(st.text(alphabet=st.characters(), max_size=20), st.data())
def test_joining_utf16_pieces_gives_back_the_text(text: str, data: st.DataObject) -> None:
    units = [chr(unit) for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")]
    joiner = TextJoiner()

    joined = "".join(joiner.join(unit) for unit in units) + joiner.end()

    # Python's own decoder joins pairs and replaces what has no partner, as the wire must.
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert joined == whole.replace("\x00", "\ufffd")
