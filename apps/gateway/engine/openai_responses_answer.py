"""Responses as programs read them: whole, and as typed events made from templates.

Source: the types of the `openai` package 3.52 (responses/response.py, responses/response_stream_event.py).
"""

from typing import Any

import msgspec

from apps.gateway.engine.answers import Answer
from apps.gateway.engine.openai_parts import arguments_of
from apps.gateway.engine.openai_responses_request import ResponsesBody
from apps.inference.contracts import (
    CallEvent,
    FinishReason,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallRequested,
    Usage,
)

_encode = msgspec.json.Encoder().encode

_INCOMPLETE = {FinishReason.LENGTH: "max_output_tokens", FinishReason.CONTENT_FILTER: "content_filter"}


def response_object(body: ResponsesBody, *, response_id: str, created: int, model: str) -> dict[str, Any]:
    """This will make a response in which nothing was said yet."""
    return {
        "id": response_id,
        "object": "response",
        "created_at": created,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": body.instructions,
        "max_output_tokens": body.max_output_tokens,
        "metadata": body.metadata or {},
        "model": model,
        "output": [],
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "previous_response_id": None,
        "reasoning": {"effort": body.reasoning.effort if body.reasoning else None, "summary": None},
        "store": False,
        "temperature": body.temperature,
        "text": {"format": _format(body)},
        "tool_choice": body.tool_choice or "auto",
        "tools": [msgspec.structs.asdict(tool) for tool in body.tools or ()],
        "top_p": body.top_p,
        "truncation": "disabled",
        "usage": None,
        "user": body.user,
    }


def finished(response: dict[str, Any], output: list[dict[str, Any]], answer: Answer, usage: Usage) -> dict[str, Any]:
    """This will complete a response; one whose answer was cut short is incomplete."""
    why = _INCOMPLETE.get(answer.reason)
    return {
        **response,
        "status": "incomplete" if why else "completed",
        "incomplete_details": {"reason": why} if why else None,
        "output": output,
        "usage": {
            "input_tokens": usage.prompt_tokens,
            "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": usage.completion_tokens,
            "output_tokens_details": {"reasoning_tokens": answer.thought_count},
            "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        },
    }


def whole_output(answer: Answer, response_id: str) -> list[dict[str, Any]]:
    """This will list what a whole answer consists of."""
    output = []
    if answer.thought:
        output.append(_reasoning_item(f"rs_{response_id[5:]}", answer.thought))
    if answer.text or not answer.calls:
        output.append(_message_item(f"msg_{response_id[5:]}", answer.text, answer.logprobs))
    return output + [_call_item(call, f"fc_{response_id[5:]}_{index}") for index, call in enumerate(answer.calls)]


class EventWriter:
    """Writes the events of a stream: items one after the other, each opened, filled and closed."""

    def __init__(self, response: dict[str, Any]) -> None:
        self._response = response
        self._id = response["id"][5:]
        self._number = 0
        self._open: type[TextDelta] | type[ThinkingDelta] | None = None
        self._pieces: list[str] = []
        self._logprobs: list[Any] = []
        self._delta = b""
        self.output: list[dict[str, Any]] = []

    def begin(self) -> bytes:
        """This will write what every stream begins with."""
        return self._event("response.created", response=self._response) + self._event(
            "response.in_progress", response=self._response
        )

    def write(self, event: CallEvent) -> bytes:
        """This will write the events of one of ours; of some there are none."""
        if isinstance(event, TextDelta | ThinkingDelta):
            opening = b"" if self._open is type(event) else self._close() + self._begin_item(type(event))
            return opening + self._write_delta(event)
        if isinstance(event, ToolCallRequested):
            return self._close() + self._write_call(event.call)
        return b""

    def finish(self, answer: Answer, usage: Usage) -> bytes:
        """This will write the end of the last item and of the response."""
        ending = self._close()
        if not self.output:
            ending += self._begin_item(TextDelta) + self._close()
        response = finished(self._response, self.output, answer, usage)
        return ending + self._event(f"response.{response['status']}", response=response)

    def fail(self, *, code: str, message: str, param: str | None) -> bytes:
        """This will write that the response failed, and an error that programs cannot overlook."""
        error = {"code": code, "message": message}
        response = {**self._response, "status": "failed", "output": self.output, "error": error}
        failed = self._event("response.failed", response=response)
        # OpenAI's package raises at a member `error`, which its own event does not have.
        return failed + self._event("error", code=code, message=message, param=param, error=error)

    def _event(self, kind: str, **members: Any) -> bytes:
        data = _encode({"type": kind, "sequence_number": self._number, **members})
        self._number += 1
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)

    def _write_delta(self, event: TextDelta | ThinkingDelta) -> bytes:
        self._pieces.append(event.text)
        end = b"}\n\n"
        if isinstance(event, TextDelta):
            self._logprobs += event.logprobs
            end = b',"logprobs":%b}\n\n' % (_encode(event.logprobs) if event.logprobs else b"[]")
        data = b'%b%d,"delta":%b%b' % (self._delta, self._number, _encode(event.text), end)
        self._number += 1
        return data

    def _begin_item(self, kind: type[TextDelta] | type[ThinkingDelta]) -> bytes:
        self._open = kind
        index = len(self.output)
        is_text = kind is TextDelta
        item_id = f"{'msg' if is_text else 'rs'}_{self._id}_{index}"
        item = _message_item(item_id, "", (), is_begun=True) if is_text else _reasoning_item(item_id, "", is_begun=True)
        name = "response.output_text.delta" if is_text else "response.reasoning_text.delta"
        self._delta = (
            f'event: {name}\ndata: {{"type":"{name}","item_id":"{item_id}","output_index":{index},'
            f'"content_index":0,"sequence_number":'
        ).encode()
        opened = self._event("response.output_item.added", output_index=index, item=item)
        part = _part("", ()) if is_text else {"type": "reasoning_text", "text": ""}
        return opened + self._at("response.content_part.added", item_id, index, part=part)

    def _close(self) -> bytes:
        """End the item that is open, if one is: its text, its part, itself."""
        if self._open is None:
            return b""
        index, text = len(self.output), "".join(self._pieces)
        is_text = self._open is TextDelta
        item_id = f"{'msg' if is_text else 'rs'}_{self._id}_{index}"
        if is_text:
            item, part = _message_item(item_id, text, self._logprobs), _part(text, self._logprobs)
            done = self._at("response.output_text.done", item_id, index, text=text, logprobs=self._logprobs)
        else:
            item, part = _reasoning_item(item_id, text), {"type": "reasoning_text", "text": text}
            done = self._at("response.reasoning_text.done", item_id, index, text=text)
        done += self._at("response.content_part.done", item_id, index, part=part)
        self._open, self._pieces, self._logprobs = None, [], []
        return done + self._end_item(item)

    def _write_call(self, call: ToolCall) -> bytes:
        index = len(self.output)
        item = _call_item(call, f"fc_{self._id}_{index}")
        place = {"item_id": item["id"], "output_index": index}
        begun = {**item, "arguments": "", "status": "in_progress"}
        arguments = item["arguments"]
        return (
            self._event("response.output_item.added", output_index=index, item=begun)
            + self._event("response.function_call_arguments.delta", **place, delta=arguments)
            + self._event("response.function_call_arguments.done", **place, name=call.name, arguments=arguments)
            + self._end_item(item)
        )

    def _end_item(self, item: dict[str, Any]) -> bytes:
        ended = self._event("response.output_item.done", output_index=len(self.output), item=item)
        self.output.append(item)
        return ended

    def _at(self, kind: str, item_id: str, index: int, **members: Any) -> bytes:
        return self._event(kind, item_id=item_id, output_index=index, content_index=0, **members)


def _format(body: ResponsesBody) -> dict[str, Any]:
    wanted = body.text.format if body.text else None
    if wanted is None or wanted.type != "json_schema":
        return {"type": wanted.type if wanted else "text"}
    return {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}


def _part(text: str, logprobs: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs}


def _message_item(item_id: str, text: str, logprobs: Any, *, is_begun: bool = False) -> dict[str, Any]:
    return {
        "id": item_id,
        "type": "message",
        "role": "assistant",
        "status": "in_progress" if is_begun else "completed",
        "content": [] if is_begun else [_part(text, logprobs)],
    }


def _reasoning_item(item_id: str, text: str, *, is_begun: bool = False) -> dict[str, Any]:
    content = [] if is_begun else [{"type": "reasoning_text", "text": text}]
    return {"id": item_id, "type": "reasoning", "summary": [], "content": content}


def _call_item(call: ToolCall, item_id: str) -> dict[str, Any]:
    return {
        "id": item_id,
        "type": "function_call",
        "status": "completed",
        "call_id": call.id,
        "name": call.name,
        "arguments": arguments_of(call),
    }
