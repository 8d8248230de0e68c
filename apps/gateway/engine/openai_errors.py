"""Errors as OpenAI tells them."""

import msgspec

_encode = msgspec.json.Encoder().encode


def error_body(*, message: str, kind: str, param: str | None, code: str | None) -> bytes:
    """This will make the body of an error."""
    return _encode({"error": {"message": message, "type": kind, "param": param, "code": code}})
