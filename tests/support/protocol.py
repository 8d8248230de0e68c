"""Checks messages against the AsyncAPI document."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from olympus.live.asyncapi import document


@cache
def _validators() -> dict[tuple[str, str], list[Draft202012Validator]]:
    spec = document()
    found: dict[tuple[str, str], list[Draft202012Validator]] = {}
    for action in ("receive", "send"):
        for reference in spec["operations"][action]["messages"]:
            message = spec["components"]["messages"][reference["$ref"].rpartition("/")[2]]
            schema = {"$ref": message["payload"]["$ref"], "components": spec["components"]}
            found.setdefault((action, message["name"]), []).append(Draft202012Validator(schema))
    return found


def check_event(event: dict[str, Any]) -> None:
    """Fail unless the server may send this."""
    validators = _validators().get(("send", event["type"]))
    assert validators, f"{event['type']} is not in the protocol"
    errors = [list(validator.iter_errors(event)) for validator in validators]
    assert any(not found for found in errors), (event, errors)
