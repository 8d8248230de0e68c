"""The classes of rate limits as they are before anybody changed them, and how they travel through Valkey."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.accounts.contracts import RateClassName

_HOUR_S = 3600
_NO_LIMIT = -1


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in any `window_s` seconds; None for as many as one likes."""

    requests: int | None
    window_s: int = _HOUR_S

    def encoded(self) -> str:
        """This will write it as the script in Valkey reads it."""
        return f"{_NO_LIMIT if self.requests is None else self.requests} {self.window_s}"


DEFAULTS: Mapping[RateClassName, Limit] = {
    RateClassName.ANONYMOUS: Limit(1_000),
    RateClassName.MEMBER: Limit(5_000),
    RateClassName.PREMIUM: Limit(None),
}


def limit_of(requests: int, window_s: int) -> Limit:
    """This will read a limit as the script gives it."""
    return Limit(None if requests < 0 else requests, window_s)
