"""The error tree: what can go wrong, in words every transport can translate."""

from typing import ClassVar

from django.utils.translation import gettext


class OlympusError(Exception):
    """Something the caller can understand; subclasses stand beside their raiser.

    `code` is stable and part of the API; `message` is a sentence for a person:
    what happened and what to do next. Knows no transport.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "") -> None:
        self.message = message or gettext((self.__doc__ or self.code).strip().splitlines()[0])
        super().__init__(self.message)


class NotFound(OlympusError):
    """This does not exist, or you may not see it."""

    code = "not_found"


class Denied(OlympusError):
    """You may not do this."""

    code = "denied"


class Invalid(OlympusError):
    """This request cannot be understood; `field` names the part that is wrong."""

    code = "invalid"

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Conflict(OlympusError):
    """This was changed in the meantime; reload and try again."""

    code = "conflict"


class LimitReached(OlympusError):
    """A limit was reached; try again later."""

    code = "limit_reached"

    def __init__(self, message: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(OlympusError):
    """Something Olympus needs does not answer at the moment; try again."""

    code = "unavailable"


class DatabaseUnavailable(Unavailable):
    """The database does not answer at the moment. What was saved is safe; try again soon."""
