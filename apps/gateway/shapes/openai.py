"""OpenAI's shape: how it tells of errors."""

import msgspec

from apps.gateway.errors import Fault
from apps.gateway.shape import Shape

_encode = msgspec.json.Encoder().encode


def _body(fault: Fault) -> bytes:
    said = {"message": fault.message, "type": fault.kind, "param": fault.param, "code": fault.code}
    return _encode({"error": said})


def _event(fault: Fault) -> bytes:
    return b"data: " + _body(fault) + b"\n\n"


OPENAI = Shape(_body, _event)
