"""Who a program is: the key it names, and what that key may do."""

from collections.abc import Mapping

from apps.accounts.contracts import KeyHolder
from apps.accounts.facade import key_actor
from apps.gateway.errors import KeyMissing, KeyRefused
from apps.inference.contracts import Caller


async def identify(headers: Mapping[bytes, bytes]) -> KeyHolder:
    """This will tell who makes a request by the key it names, as a bearer or as Anthropic's programs do.

    Raises:
        KeyMissing: it names none.
        KeyRefused: the key is wrong, revoked or over.
    """
    secret = _secret_of(headers)
    if not secret:
        raise KeyMissing
    holder = await key_actor(secret)
    if holder is None:
        raise KeyRefused
    return holder


def caller_of(holder: KeyHolder) -> Caller:
    """This will say who makes a call, for limits and the ledger."""
    return Caller(
        organization_id=holder.actor.organization_id,
        user_id=holder.actor.user_id,
        door="gateway",
        api_key_id=holder.key_id,
        allowed_models=holder.allowed_models,
    )


def _secret_of(headers: Mapping[bytes, bytes]) -> str:
    scheme, _, key = headers.get(b"authorization", b"").strip().partition(b" ")
    if scheme.lower() != b"bearer":
        key = headers.get(b"x-api-key", b"")
    return key.strip().decode("latin-1")
