"""The API keys this process has just seen, so that a busy program costs one look-up a second."""

from dataclasses import dataclass

from django.utils import timezone

from apps.accounts import selectors
from apps.accounts.contracts import KeyHolder
from apps.accounts.tokens import digest, prefix_of
from olympus.kernel.fresh import Fresh

# A key that was revoked elsewhere opens nothing after this.
_BELIEVED_S = 1.0
# More keys than are busy in any one second.
_MOST_KEPT = 4096


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is stored of a key: the secrets themselves stay out of this memory."""

    prefix: str
    secret_hash: str


async def key_holder(secret: str) -> KeyHolder | None:
    """This will tell whom a key acts for; None when it is wrong, revoked or over, at the latest a second later."""
    prefix = prefix_of(secret)
    return await _holders.get(_Seen(prefix, digest(secret))) if prefix else None


def forget_keys() -> None:
    """This will look every key up again, for a process that has just changed one."""
    _holders.forget()


def _look_up(seen: _Seen) -> KeyHolder | None:
    return selectors.holder_of_hash(seen.prefix, seen.secret_hash, now=timezone.now())


_holders: Fresh[_Seen, KeyHolder | None] = Fresh(_look_up, max_age_s=_BELIEVED_S, most=_MOST_KEPT)
