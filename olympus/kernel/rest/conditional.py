"""ETags: an answer names the state it shows, and a change may ask that the state is still that one."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from olympus.kernel.errors import Conflict

# 128 bits: two states of one resource never share a tag by accident.
_TAG_CHARS = 32
_TAG = re.compile(r'(?:W/)?"[^"]*"|\*')


class ChangedMeanwhile(Conflict):
    """This was changed since you read it. Read it again, then repeat your change."""

    code = "changed_meanwhile"


def etag_of(representation: Any) -> str:
    """This will name a representation: equal ones get the same strong tag."""
    text = json.dumps(representation, cls=JSONEncoder, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f'"{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_TAG_CHARS]}"'


def answer(
    request: Request,
    representation: Any,
    *,
    tagged: Any = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """This will answer with a representation and its ETag, or with 304 to whoever has it already.

    `tagged` is what the tag stands for, where the representation also tells what passes by itself.
    """
    tag = etag_of(representation if tagged is None else tagged)
    headers = {**(headers or {}), "ETag": tag}
    is_known = request.method in {"GET", "HEAD"} and _names(request.headers.get("If-None-Match", ""), tag, is_weak=True)
    if is_known and status == 200:
        return Response(status=304, headers=headers)
    return Response(representation, status=status, headers=headers)


def check_unchanged(request: Request, representation: Callable[[], Any]) -> None:
    """This will refuse a change whose `If-Match` names another state than the one there is; call it under the lock.

    Raises:
        ChangedMeanwhile: answered with 412.
    """
    wanted = request.headers.get("If-Match")
    if wanted is not None and not _names(wanted, etag_of(representation()), is_weak=False):
        raise ChangedMeanwhile


def _names(header: str, tag: str, *, is_weak: bool) -> bool:
    """Whether a list of tags holds this one. Source: RFC 9110, section 8.8.3.2."""
    same = {"*", tag, f"W/{tag}"} if is_weak else {"*", tag}
    return any(found in same for found in _TAG.findall(header))
