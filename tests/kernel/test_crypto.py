"""Values encrypted at rest."""

import pytest
from pytest_django import Settings

from olympus.kernel.crypto import Undecipherable, decrypt, encrypt, is_current


def test_what_was_encrypted_comes_back() -> None:
    token = encrypt("sk-naïve ✓", bound_to="row 1")

    assert "sk-" not in token
    assert decrypt(token, bound_to="row 1") == "sk-naïve ✓"


def test_the_same_value_never_looks_the_same() -> None:
    assert encrypt("a", bound_to="row 1") != encrypt("a", bound_to="row 1")


def test_a_ciphertext_is_refused_elsewhere() -> None:
    token = encrypt("secret", bound_to="row 1")

    with pytest.raises(Undecipherable):
        decrypt(token, bound_to="row 2")


@pytest.mark.parametrize(
    "damage", ["", "plain text", "12345678:", "{id}:", "{id}:not base64!", "{id}:AAAA", "{token}AA=="]
)
def test_a_damaged_value_is_a_typed_error(damage: str) -> None:
    token = encrypt("secret", bound_to="row 1")

    with pytest.raises(Undecipherable):
        decrypt(damage.format(id=token.partition(":")[0], token=token), bound_to="row 1")


def test_a_changed_byte_is_noticed() -> None:
    key_id, _, body = encrypt("secret", bound_to="row 1").partition(":")
    flipped = body[:-5] + ("A" if body[-5] != "A" else "B") + body[-4:]

    with pytest.raises(Undecipherable):
        decrypt(f"{key_id}:{flipped}", bound_to="row 1")


def test_a_key_that_was_replaced_still_reads_and_asks_for_rotation(settings: Settings) -> None:
    token = encrypt("secret", bound_to="row 1")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the next key"

    assert decrypt(token, bound_to="row 1") == "secret"
    assert not is_current(token)
    assert is_current(encrypt("secret", bound_to="row 1"))


def test_without_its_key_a_value_says_so(settings: Settings) -> None:
    token = encrypt("secret", bound_to="row 1")
    settings.SECRET_KEY = "a stranger's key"

    with pytest.raises(Undecipherable) as caught:
        decrypt(token, bound_to="row 1")
    assert "Enter it again" in caught.value.message
