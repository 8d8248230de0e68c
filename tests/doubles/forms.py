"""Reads the forms with files that clients post."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any


@dataclass(frozen=True, slots=True)
class PostedFile:
    """A file of a form."""

    name: str
    media_type: str
    data: bytes


def decode_form(raw: bytes, content_type: str) -> dict[str, Any]:
    """This will decode a multipart body: a field said several times is a list, a file a PostedFile."""
    form: dict[str, Any] = {}
    parts = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw).get_payload()
    for part in parts if isinstance(parts, list) else []:
        assert isinstance(part, Message)
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        name = str(part.get_param("name", header="content-disposition"))
        filename = part.get_filename()
        value: Any = data.decode() if filename is None else PostedFile(filename, part.get_content_type(), data)
        if name in form:
            value = [*(form[name] if isinstance(form[name], list) else [form[name]]), value]
        form[name] = value
    return form
