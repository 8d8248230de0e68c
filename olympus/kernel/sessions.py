"""Sessions in the database, asked for only by keys that could be there."""

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

_KEY_CHARS = frozenset(VALID_KEY_CHARS)
_MAX_LENGTH = 40  # of the column


class SessionStore(DatabaseStore):
    """Django's store; a cookie may hold anything, also a NUL, which Postgres refuses with an error."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and 8 <= len(key) <= _MAX_LENGTH and _KEY_CHARS.issuperset(key)
