"""How operations are described in the OpenAPI document: their errors, headers and pages, said once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers

from olympus.kernel.rest.idempotent import MAX_KEY_CHARS

PROBLEM = "application/problem+json"
F = TypeVar("F", bound=Callable[..., Any])
_REASONS = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the key is unknown, revoked or expired.",
    403: "Your role or your key's scopes do not allow this.",
    404: "This does not exist, or it is not yours.",
    405: "This address has no such method.",
    406: "Only JSON is spoken here.",
    409: "This contradicts how things are now; `code` says how.",
    410: "This is over.",
    412: "It was changed since you read it.",
    413: "The body is too large.",
    415: "Send JSON, or where a file is taken a multipart form.",
    422: "A value is wrong; `field` names it.",
    429: "A limit is reached; `Retry-After` says when to come back.",
    503: "Something Olympus needs does not answer at the moment.",
}
# What any operation may answer, and any with a body.
_ALWAYS = (401, 403, 406, 422, 429)
_WITH_BODY = (400, 413, 415)


class ProblemSerializer(serializers.Serializer[Any]):
    """What went wrong, as RFC 9457 has it."""

    type = serializers.CharField(help_text="Always `about:blank`: `code` tells problems apart.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField(help_text="The status again.")
    detail = serializers.CharField(help_text="A sentence for people: what happened and what to do next.")
    code = serializers.CharField(help_text="Stable, for programs.")
    field = serializers.CharField(required=False, help_text="The part of the request that is wrong: `options.top_p`.")


def operation(
    operation_id: str,
    *,
    summary: str,
    tags: Sequence[str],
    answers: Any,
    request: Any = None,
    query: type[serializers.BaseSerializer[Any]] | None = None,
    errors: Collection[int] = (),
    is_tagged: bool = False,
    is_repeatable: bool = False,
    **more: Any,
) -> Callable[[F], F]:
    """This will describe an operation and all it may answer, on a view's method.

    `answers` is a serializer, or one a status; `errors` are statuses beside those every operation has. `is_tagged`:
    the answer has an ETag, a GET knows If-None-Match and a change If-Match. `is_repeatable`: it knows Idempotency-Key.
    """
    good = _by_status(answers)
    statuses = {*_ALWAYS, *(_WITH_BODY if request is not None or is_repeatable else ()), *errors}

    def describe(view: F) -> F:
        is_get = view.__name__ == "get"
        conditions = {304} if is_tagged and is_get else set()
        refusals = statuses | ({412} if is_tagged and not is_get else set())
        parameters = [
            *([query] if query else []),
            *(_tag_headers(is_get=is_get, statuses=_plain_statuses(good)) if is_tagged else []),
            *([_KEY_HEADER] if is_repeatable else []),
            *more.pop("parameters", ()),
        ]
        responses: dict[Any, Any] = dict(good)
        responses.update((status, OpenApiResponse(description="You have this state already.")) for status in conditions)
        responses.update(((status, PROBLEM), problem(status)) for status in sorted(refusals))
        described: F = extend_schema(
            operation_id=operation_id,
            summary=summary,
            tags=list(tags),
            request=request,
            responses=responses,
            parameters=parameters,
            **more,
        )(view)
        return described

    return describe


def problem(status: int) -> OpenApiResponse:
    """This will describe an error answer."""
    return OpenApiResponse(ProblemSerializer, description=_REASONS[status])


@cache
def page_serializer(serializer: type[serializers.BaseSerializer[Any]]) -> Any:
    """This will describe what `page_of` answers with rows of this shape."""
    name = serializer.__name__.removesuffix("Serializer")
    following = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last.")
    return inline_serializer(name=f"{name}Page", fields={"results": serializer(many=True), "next": following})


def _by_status(answers: Any) -> dict[int | tuple[int, str], Any]:
    return {**answers} if isinstance(answers, Mapping) else {200: answers}


def _plain_statuses(answers: Mapping[int | tuple[int, str], Any]) -> list[int]:
    return [key if isinstance(key, int) else key[0] for key, shape in answers.items() if shape is not None]


def _tag_headers(*, is_get: bool, statuses: list[int]) -> list[OpenApiParameter]:
    condition = ("If-None-Match", "Answer 304 if this is still its ETag.")
    if not is_get:
        condition = ("If-Match", "Change it only if this is still its ETag; else 412.")
    given = [OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=statuses, description="Names this state.")]
    return [
        OpenApiParameter(condition[0], OpenApiTypes.STR, OpenApiParameter.HEADER, description=condition[1]),
        *(given if statuses else []),
    ]


_KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARS},
    OpenApiParameter.HEADER,
    description="Your name for this request: sent again with the same body within 30 days it gets the first answer.",
)
