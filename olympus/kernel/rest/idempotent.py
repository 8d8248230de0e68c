"""`Idempotency-Key`: a POST that is sent again gets the first answer, and is done once."""

import hashlib
import json
from collections.abc import Callable, Collection
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid
from olympus.kernel.idempotency import once

HEADER = "Idempotency-Key"
MAX_KEY_CHARS = 100
_REPLAYED = "Idempotency-Replayed"
# What a repeat needs of the first answer's headers.
_KEPT_HEADERS = ("Location", "ETag")


class KeyReused(Invalid):
    """This Idempotency-Key was used for another request. Take a new key for a new request."""

    code = "idempotency_key_reused"


def once_by_key(request: Request, work: Callable[[], Response], *, secrets: Collection[str] = ()) -> Response:
    """This will do a POST once for each `Idempotency-Key` of a person and address, and replay its answer.

    Without the header it is simply done. Work that raises leaves no trace, so that it can be tried again. `secrets`
    names members of the answer that are shown once: they are not kept, and a repeat gets null for them.

    Raises:
        Invalid: the key is empty or too long.
        KeyReused: the key came with another body before.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return work()
    if not 0 < len(key) <= MAX_KEY_CHARS or not key.isprintable():
        raise Invalid(_("An Idempotency-Key has 1 to 100 printable characters."), field=HEADER)
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
    body, first = _fingerprint(request), []

    def kept() -> dict[str, Any]:
        first.append(work())
        return _kept(first[0], body, secrets)

    stored, is_new = once(actor.user_id, _scope(request), key, kept)
    if is_new:
        return first[0]
    if stored["body"] != body:
        raise KeyReused(field=HEADER)
    return Response(stored["data"], status=stored["status"], headers={**stored["headers"], _REPLAYED: "true"})


def _scope(request: Request) -> str:
    """The address in the 40 characters a scope has."""
    return f"rest:{hashlib.sha256(request.path.encode()).hexdigest()[:32]}"


def _kept(response: Response, body: str, secrets: Collection[str]) -> dict[str, Any]:
    data = json.loads(json.dumps(response.data, cls=JSONEncoder))
    if isinstance(data, dict):
        data.update(dict.fromkeys(data.keys() & set(secrets)))
    headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
    return {"body": body, "status": response.status_code, "data": data, "headers": headers}


def _fingerprint(request: Request) -> str:
    data = request.data
    plain = {name: _lasting(value) for name, value in data.items()} if hasattr(data, "items") else data
    return hashlib.sha256(json.dumps(plain, sort_keys=True, cls=JSONEncoder).encode()).hexdigest()


def _lasting(value: Any) -> Any:
    """A file by its content; it is at its beginning again afterwards."""
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return [value.name, digest.hexdigest()]
