"""What can go wrong between Olympus and a model server; all keep the text that came before."""

from olympus.kernel.errors import Invalid, LimitReached, NotFound, OlympusError, Unavailable


class ModelError(OlympusError):
    """The model server failed."""

    code = "model_error"


class ProviderUnreachable(ModelError, Unavailable):
    """The model server cannot be reached. Check that it runs, then try again."""

    code = "provider_unreachable"


class ProviderTimeout(ModelError, Unavailable):
    """The model server stopped answering. Try again, or choose another model."""

    code = "provider_timeout"


class StreamCut(ModelError, Unavailable):
    """The connection to the model server broke in the middle of the answer."""

    code = "stream_cut"


class MalformedStream(ModelError):
    """The model server sent something that is not its protocol."""

    code = "malformed_stream"


class ProviderRefused(ModelError):
    """The model server refused the request."""

    code = "provider_refused"

    def __init__(self, message: str = "", *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ProviderUnauthorized(ProviderRefused):
    """The model server refused the key. An owner can enter a new one under Model servers."""

    code = "provider_unauthorized"


class ProviderRateLimited(ModelError, LimitReached):
    """The model server is asked too often; wait a moment."""

    code = "provider_rate_limited"


class ModelNotFound(ModelError, NotFound):
    """No connected model server offers this model. Choose another one."""

    code = "model_not_found"


class ModelDenied(ModelNotFound):
    """This model is not open to you. Choose another one, or ask an owner."""

    code = "model_denied"


class ContextExceeded(ModelError, Invalid):
    """The conversation is longer than the model can read."""

    code = "context_exceeded"


class ProviderFailed(ProviderRefused, Unavailable):
    """The model server reported an error of its own. Try again, or look into its log."""

    code = "provider_failed"


class CannotGoOn(ModelError, Unavailable):
    """No connected model server can go on with an answer that broke off. What was written is kept."""

    code = "cannot_go_on"


class AddressIsOlympus(ProviderRefused):
    """This address is Olympus itself, not a model server."""

    code = "address_is_olympus"
