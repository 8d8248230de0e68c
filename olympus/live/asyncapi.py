"""The live protocol as an AsyncAPI document, made from the registered frames and events."""

from typing import Any

import msgspec

from olympus.kernel.live import registered_events, registered_frames

_ABOUT = (
    "One WebSocket carries everything live: `/ws/`, with the session cookie from a page of this site or with "
    "`Authorization: Bearer` and an API key from a program. Each message is one JSON object with a `type`, at most "
    "1 MiB. A frame that is refused is answered with an `error` that repeats its `id`; the socket stays open. "
    "Every event of a run carries `metadata` with `run_id` and `seq`; text is spliced by `offset`, in code points."
)


def document() -> dict[str, Any]:
    """This will describe every message of `/ws/`. Source: AsyncAPI 3.0.0."""
    received = {frame.payload.__name__: frame.payload for frame in registered_frames().values()}
    sent = {event.__name__: event for event in registered_events()}
    _, schemas = msgspec.json.schema_components(
        [*received.values(), *sent.values()], ref_template="#/components/schemas/{name}"
    )
    messages = {name: _message(struct) for name, struct in sorted({**received, **sent}.items())}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Olympus live protocol", "version": "1", "description": _ABOUT},
        "channels": {
            "live": {
                "address": "/ws/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "receive": _operation("receive", "What a client may send.", sorted(received)),
            "send": _operation("send", "What the server sends.", sorted(sent)),
        },
        "components": {
            "messages": messages,
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "session": {"type": "httpApiKey", "in": "cookie", "name": "olympus_session"},
                "key": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _message(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        "name": str(struct.__struct_config__.tag),
        "summary": (struct.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{struct.__name__}"},
    }


def _operation(action: str, summary: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/live"},
        "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in names],
    }
