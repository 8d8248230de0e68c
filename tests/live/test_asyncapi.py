"""The written protocol is the spoken one."""

from pathlib import Path

import yaml
from django.conf import settings

from olympus.kernel.live import registered_events, registered_frames
from olympus.live.asyncapi import document

WRITTEN = Path(settings.ROOT_DIR) / "docs" / "asyncapi.yaml"


def test_the_document_in_docs_is_what_the_code_says() -> None:
    assert yaml.safe_load(WRITTEN.read_text()) == document(), "run: bin/manage asyncapi > docs/asyncapi.yaml"


def test_every_frame_and_event_is_in_it() -> None:
    names = {message["name"] for message in document()["components"]["messages"].values()}

    assert names == set(registered_frames()) | {str(e.__struct_config__.tag) for e in registered_events()}
    assert {"chat.send", "chat.stop", "chat.regenerate", "chat.edit", "run.resume", "ping"} <= names
    assert {
        "ack",
        "token",
        "thinking",
        "tool_request",
        "tool_result",
        "snapshot",
        "switch",
        "error",
        "complete",
    } <= names


def test_every_message_says_what_it_is_for() -> None:
    for name, message in document()["components"]["messages"].items():
        assert message["summary"].endswith("."), name
