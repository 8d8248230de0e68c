"""Encryption of single values at rest: AES-256-GCM under a key ring with key ids."""

import base64
import hashlib
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from olympus.kernel.errors import Unavailable

_NONCE_BYTES = 12  # the size AES-GCM is defined for; NIST SP 800-38D, section 8.2


class Undecipherable(Unavailable):
    """A stored secret cannot be read: its key is missing or the value was moved. Enter it again."""

    code = "undecipherable"


def encrypt(plain: str, *, bound_to: str) -> str:
    """This will encrypt `plain` with the newest key as `key id:base64`.

    `bound_to` names the row and column the value belongs to; decrypting with any other
    name fails, so a ciphertext copied elsewhere is refused.
    """
    key_id, key = next(iter(_keys().items()))
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain.encode(), bound_to.encode())
    return f"{key_id}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(token: str, *, bound_to: str) -> str:
    """This will decrypt what `encrypt` made.

    Raises:
        Undecipherable: the key is gone, or the value was made for another place.
    """
    key_id, _, body = token.partition(":")
    key = _keys().get(key_id)
    if key is None:
        raise Undecipherable
    try:
        raw = base64.b64decode(body, validate=True)
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound_to.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Undecipherable from error


def is_current(token: str) -> bool:
    """This will tell whether the value is under the newest key, or waits for rotation."""
    return token.partition(":")[0] == next(iter(_keys()))


def _keys() -> dict[str, bytes]:
    """The key ring, newest first; an id is derived from its key, so none can be mislabeled."""
    return _derive((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


# A SECRET_KEY may be a person's own words, so it is stretched; once a process, for about 15 ms.
@lru_cache(maxsize=4)
def _derive(secrets: tuple[str, ...]) -> dict[str, bytes]:
    keys = [hashlib.scrypt(s.encode(), salt=b"olympus.fields", n=2**12, r=8, p=1, dklen=32) for s in secrets]
    return {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
