"""The secrets accounts hands out: what they look like and how they are kept."""

import hashlib
import secrets
from dataclasses import dataclass

_SECRET_BYTES = 32  # 256 bits: no need for a slow hash, since guessing is hopeless
_PREFIX_LENGTH = 8
_PREFIX_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0, 1: people read these aloud
_SECRET_LENGTH = 43  # of 32 bytes in URL-safe base64 without padding
_KEY_BRAND = "oly"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as its owner sees it once, and the parts that are stored."""

    text: str
    prefix: str
    digest: str


def make_token() -> str:
    """This will make the secret part of a one-time link."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def make_key() -> NewKey:
    """This will make an API key: `oly_<prefix>_<secret>`."""
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(_PREFIX_LENGTH))
    text = f"{_KEY_BRAND}_{prefix}_{make_token()}"
    return NewKey(text, prefix, digest(text))


def digest(secret: str) -> str:
    """This will give what is stored instead of a secret: SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def prefix_of(key: str) -> str | None:
    """This will read the prefix by which a key is found, or answer None when it is no key of ours."""
    brand, _, rest = key.partition("_")
    prefix, _, secret = rest.partition("_")
    if brand != _KEY_BRAND or len(prefix) != _PREFIX_LENGTH or len(secret) != _SECRET_LENGTH or not key.isascii():
        return None
    return prefix


def bearer_of(header: str) -> str | None:
    """This will read the key of an Authorization header, or None when it is not a Bearer one.

    Source: RFC 6750, section 2.1.
    """
    scheme, _, key = header.strip().partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None
