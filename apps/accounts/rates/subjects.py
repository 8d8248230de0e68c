"""On whom a request is counted."""

import hashlib
from ipaddress import IPv6Address, ip_address, ip_network

from apps.accounts.contracts import RateClassName, RateSubjects
from olympus.kernel.actor import Actor

# One household or server is given a whole network of this size: 18 quintillion addresses.
_IPV6_HOUSEHOLD = 64
_NOWHERE = "unknown"


def subjects_of(actor: Actor | None, *, address: str | None, session_key: str | None = None) -> RateSubjects:
    """This will name whom a request is counted on: the person and their key or session, else the address."""
    if actor is None:
        return RateSubjects(RateClassName.ANONYMOUS, (f"address:{_place(address)}",))
    rate_class = RateClassName.PREMIUM if actor.is_premium else RateClassName.MEMBER
    names = [f"user:{actor.user_id}"]
    if actor.api_key_id is not None:
        names.append(f"key:{actor.api_key_id}")
    elif session_key:
        # Not the session's own name: whoever reads Valkey must not be able to go on with it.
        names.append(f"session:{hashlib.sha256(session_key.encode()).hexdigest()[:32]}")
    return RateSubjects(rate_class, tuple(names))


def _place(address: str | None) -> str:
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return _NOWHERE
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return str(ip_network((found, _IPV6_HOUSEHOLD), strict=False).network_address)
        found = found.ipv4_mapped
    return str(found)
