"""How much a call will use, before it is made."""

import json

from apps.inference.contracts import ChatMessage, ChatRequest
from apps.inference.engine.counting import count_tokens

# An image costs a model between 260 and 1,600 tokens; the middle keeps the estimate on the safe side.
_IMAGE_TOKENS = 1000
# What a chat template puts around each message, and some of them before the first.
_MESSAGE_TOKENS = 8
_TEMPLATE_TOKENS = 24
# An answer nobody bounded: nine of ten are shorter. More would keep people from the last of a budget,
# less would let an answer go past it.
_USUAL_ANSWER_TOKENS = 2048


def prompt_tokens(request: ChatRequest) -> int:
    """This will estimate how many tokens the model reads, rather too many than too few."""
    tools = sum(
        count_tokens(tool.name) + count_tokens(tool.description) + _json_tokens(tool.parameters)
        for tool in request.tools
    )
    schema = _json_tokens(request.response_schema) if request.response_schema else 0
    return _TEMPLATE_TOKENS + tools + schema + sum(map(_message_tokens, request.messages))


def output_tokens_at_most(request: ChatRequest, context_length: int, tokens_in: int) -> int:
    """This will estimate how many tokens the model writes at most: what was asked for, else a long answer's.

    `context_length` is often a guess: a prompt that leaves no room by it is answered all the same, or refused.
    """
    wanted = request.sampling.max_tokens
    most = wanted if wanted and wanted > 0 else _USUAL_ANSWER_TOKENS
    room = (request.context_length or context_length) - tokens_in
    return min(most, room) if room > 0 else most


def _message_tokens(message: ChatMessage) -> int:
    calls = sum(count_tokens(call.name) + _json_tokens(call.arguments) for call in message.tool_calls)
    return _MESSAGE_TOKENS + count_tokens(message.text) + calls + _IMAGE_TOKENS * len(message.images)


def _json_tokens(data: object) -> int:
    return count_tokens(json.dumps(data, ensure_ascii=False, default=str))
