"""What can go wrong at the programs' door, and what is said about it in any shape."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from olympus.kernel.errors import Denied, Invalid, LimitReached, NotFound, OlympusError, Unavailable


class BadRequest(Invalid):
    """This request cannot be understood; `field` names the parameter that is wrong."""

    code = "invalid_value"


class MalformedBody(Invalid):
    """The body is no JSON object."""

    code = "invalid_json"


class UnsupportedValue(Invalid):
    """This gateway does not do this."""

    code = "unsupported_value"


class AnswerBroken(Unavailable):
    """The model server failed in the middle of the answer and no other could go on with it. Ask again."""

    code = "stream_cut"


class UnknownModel(NotFound):
    """The model does not exist or your key may not use it. GET /v1/models lists those you may use."""

    code = "model_not_found"


class BodyTooLarge(Invalid):
    """The request is larger than this gateway takes."""

    code = "request_too_large"


class GatewayFull(Unavailable):
    """The gateway holds as many large requests as it has room for. Try again in a moment."""

    code = "gateway_full"


class KeyMissing(OlympusError):
    """You did not provide an API key. Send one as Authorization: Bearer YOUR_KEY; make one under API keys."""

    code = "missing_api_key"


class KeyRefused(OlympusError):
    """This API key is wrong, revoked or over. Make a new one under API keys."""

    code = "invalid_api_key"


class ScopeMissing(Denied):
    """This API key may not do this: it lacks a scope. Make a key with the scope write."""

    code = "insufficient_permissions"


class UnknownRoute(NotFound):
    """The gateway has no such address. See the page Gateway of the documentation."""

    code = "unknown_url"


class MethodRefused(OlympusError):
    """This address does not take this method."""

    code = "method_not_allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error in no program's shape yet.

    `kind` is OpenAI's `type` of it, `param` the part of the request that is wrong.
    """

    status: int
    kind: str
    code: str
    message: str
    param: str | None = None
    retry_after_s: float | None = None

    @property
    def sentence(self) -> str:
        """The message with the part that is wrong, for shapes that have no other place for it."""
        return f"{self.param}: {self.message}" if self.param and self.param not in self.message else self.message


_REQUEST, _SERVER = "invalid_request_error", "server_error"
# What its class does not tell; by code, since codes are stable and this app may not know the class of every raiser.
_BY_CODE: dict[str, tuple[int, str, str]] = {
    "missing_api_key": (401, _REQUEST, "missing_api_key"),
    "invalid_api_key": (401, _REQUEST, "invalid_api_key"),
    "invalid": (400, _REQUEST, "invalid_value"),
    "method_not_allowed": (405, _REQUEST, "method_not_allowed"),
    "request_too_large": (413, _REQUEST, "request_too_large"),
    "context_exceeded": (400, _REQUEST, "context_length_exceeded"),
    "budget_exceeded": (429, "insufficient_quota", "insufficient_quota"),
    "provider_rate_limited": (429, "rate_limit_error", "rate_limit_exceeded"),
    "provider_timeout": (504, _SERVER, "provider_timeout"),
    "stream_cut": (502, _SERVER, "stream_cut"),
    "malformed_stream": (502, _SERVER, "malformed_stream"),
    "provider_unauthorized": (502, _SERVER, "provider_unauthorized"),
    "provider_failed": (502, _SERVER, "provider_failed"),
    "address_is_olympus": (502, _SERVER, "address_is_olympus"),
    "model_error": (502, _SERVER, "model_error"),
}
# A refusal of a parameter is the program's to mend; what else a server refuses is the operator's.
_CLIENT_FAULTS = frozenset({400, 409, 413, 415, 422})


def fault_of(error: Exception) -> Fault:
    """This will say what went wrong, of an error of Olympus or of one nobody foresaw."""
    if not isinstance(error, OlympusError):
        return Fault(
            status=500,
            kind=_SERVER,
            code="internal_error",
            message=_("Something broke on our side. Try again, and tell the operator if it stays so."),
        )
    status, kind, code = _BY_CODE.get(error.code) or _by_class(error)
    return Fault(
        status=status,
        kind=kind,
        code=code,
        message=error.message,
        param=_param_of(error),
        retry_after_s=error.retry_after_s if isinstance(error, LimitReached) else None,
    )


def _param_of(error: OlympusError) -> str | None:
    if isinstance(error, Invalid):
        return error.field if error.field != "attachments" else None  # what the chat calls pictures
    return "model" if error.code in {"model_not_found", "model_denied"} else None


def _by_class(error: OlympusError) -> tuple[int, str, str]:
    if error.code == "provider_refused":
        status = 400 if getattr(error, "status", None) in _CLIENT_FAULTS else 502
        return status, _REQUEST if status == 400 else _SERVER, error.code
    if isinstance(error, Invalid):
        return 400, _REQUEST, error.code
    if isinstance(error, NotFound):
        return 404, _REQUEST, error.code
    if isinstance(error, Denied):
        return 403, "permission_error", error.code
    if isinstance(error, LimitReached):
        return 429, "rate_limit_error", "rate_limit_exceeded"
    return 503, _SERVER, error.code
