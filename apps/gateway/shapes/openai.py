"""OpenAI's shape: how it tells of errors."""

from apps.gateway.engine.openai_errors import error_body
from apps.gateway.errors import Fault
from apps.gateway.shape import Shape


def _body(fault: Fault) -> bytes:
    return error_body(message=fault.message, kind=fault.kind, param=fault.param, code=fault.code)


def _event(fault: Fault) -> bytes:
    return b"data: " + _body(fault) + b"\n\n"


OPENAI = Shape("openai", _body, _event)
