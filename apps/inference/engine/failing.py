"""What an error of a model server means for those that are asked next."""

from collections.abc import Sequence

from apps.inference.errors import (
    AddressIsOlympus,
    ContextExceeded,
    MalformedStream,
    ModelError,
    ModelNotFound,
    ProviderFailed,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnauthorized,
    ProviderUnreachable,
    StreamCut,
)
from olympus.kernel.errors import Invalid, OlympusError

# What each asks of the person, the easiest first: to wait, to try again, to tell an owner, to choose another model.
_HELPFUL: tuple[type[ModelError], ...] = (
    ProviderRateLimited,
    ProviderTimeout,
    ProviderFailed,
    ProviderUnauthorized,
    ProviderRefused,
    StreamCut,
    ProviderUnreachable,
    MalformedStream,
    ModelNotFound,
)


def may_be_mended(error: OlympusError) -> bool:
    """This will tell whether another server may do what this one did not: all but what is wrong with the request."""
    if isinstance(error, ContextExceeded) or (isinstance(error, Invalid) and not isinstance(error, ModelNotFound)):
        return False
    if isinstance(error, ProviderUnauthorized | ProviderFailed | AddressIsOlympus):
        return True
    if isinstance(error, ProviderRefused):
        # A redirect or a wrong path says that the address is wrong, not the request.
        return error.status is not None and (error.status < 400 or error.status in {404, 408, 421, 429})
    return True


def most_helpful(errors: Sequence[OlympusError]) -> OlympusError:
    """This will pick the error that leaves the person the most to do; the first of several alike."""
    return min(errors, key=_rank)


def _rank(error: OlympusError) -> int:
    return next((at for at, kind in enumerate(_HELPFUL) if isinstance(error, kind)), len(_HELPFUL))
