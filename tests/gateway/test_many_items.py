"""A request of very many parts costs no more than their number."""

import json
from time import perf_counter

import msgspec

from apps.gateway.engine.openai_responses_request import ResponsesBody, response_request

# As many as fit into the ten megabytes a request may have.
_MANY = 150_000


def test_many_calls_of_one_turn_are_read_in_time() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "f"}
    said = {"type": "message", "role": "assistant", "content": "Let me see."}
    turns = [call, call, {"type": "function_call_output", "call_id": "c", "output": "1"}, said, *[call] * _MANY]
    body = msgspec.json.decode(json.dumps({"model": "m", "input": turns}), type=ResponsesBody)
    begun = perf_counter()

    request = response_request(body, model="m", may_think=False)

    assert [len(message.tool_calls) for message in request.messages] == [2, 0, _MANY]
    assert [message.text for message in request.messages] == ["", "1", "Let me see."]
    assert perf_counter() - begun < 10
