"""Forms with a file, as programs post them.

Source: RFC 7578 (multipart/form-data) and RFC 2046, section 5.1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from apps.gateway.errors import BadRequest, MalformedBody
from apps.inference.contracts import Upload

# Twice the fields there are; each bound is what an honest program stays far below.
_MOST_PARTS = 64
_HEADERS_BYTES = 8 * 1024
_NAME_CHARS = 200
_BOUNDARY = re.compile(r'multipart/form-data\s*;.*?boundary=("[^"]{1,70}"|[^\s;,"]{1,70})', re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(r';\s*([\w*]+)=("(?:[^"\\]|\\.)*"|[^;]*)')
_MEDIA_TYPE = re.compile(r"\A[\w.+-]{1,64}/[\w.+-]{1,64}\Z")
_UNTYPED = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Form:
    """Fields in their order, one said several times with all its values; and the files by field."""

    fields: dict[str, list[str]]
    files: dict[str, Upload]


def parse_form(body: bytes, content_type: str) -> Form:
    """This will read a form.

    Raises:
        MalformedBody: it is none, or not ended.
        BadRequest: a field's text is not UTF-8.
    """
    found = _BOUNDARY.match(content_type)
    if found is None:
        raise MalformedBody("Send a form with a file (multipart/form-data).")
    fields: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    for begin, headers_end, end in _parts(body, b"--" + found[1].strip('"').encode("latin-1", "replace")):
        name, upload_name, media_type = _described(body[begin:headers_end])
        content = body[headers_end + 4 : end]
        if upload_name is None:
            fields.setdefault(name, []).append(_text(content, name))
        else:
            files[name] = Upload(upload_name, media_type, content)
    return Form(fields, files)


def _parts(body: bytes, mark: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each part begins, where its headers end, and where it ends."""
    at = 0 if body.startswith(mark) else body.find(b"\r\n" + mark, 0, _HEADERS_BYTES) + 2
    if at == 1:
        raise MalformedBody("The form does not begin with its boundary.")
    for _count in range(_MOST_PARTS):
        begin = at + len(mark)
        if body.startswith(b"--", begin):
            return
        headers_end = body.find(b"\r\n\r\n", begin, begin + _HEADERS_BYTES)
        end = body.find(b"\r\n" + mark, max(headers_end, begin))
        if headers_end < 0 or end < 0:
            raise MalformedBody("The form is not complete.")
        yield begin, headers_end, max(end, headers_end + 4)
        at = end + 2
    raise MalformedBody("The form has too many parts.")


def _described(head: bytes) -> tuple[str, str | None, str]:
    """The field's name, the file's name if it is one, and its type."""
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    told = {key.lower(): _unquoted(value) for key, value in _PARAMETER.findall(headers.get("content-disposition", ""))}
    field = told.get("name", "")
    if not 0 < len(field) <= _NAME_CHARS:
        raise MalformedBody("A part of the form has no name.")
    file_name = told.get("filename")
    if "filename*" in told:  # RFC 5987, which RFC 7578 rules out and some programs send
        file_name = unquote(told["filename*"].rpartition("'")[2])
    media_type = headers.get("content-type", "").partition(";")[0].strip()
    return field, _file_name(file_name), media_type if _MEDIA_TYPE.match(media_type) else _UNTYPED


def _unquoted(value: str) -> str:
    value = value.strip()
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _file_name(name: str | None) -> str | None:
    """The last part of a name without what is no letter, so that it names nothing but a format."""
    if name is None:
        return None
    shown = "".join(character for character in re.split(r"[/\\]", name)[-1] if character.isprintable())
    return shown[-_NAME_CHARS:] or "file"


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("A field of the form is no UTF-8.", field=name) from error
