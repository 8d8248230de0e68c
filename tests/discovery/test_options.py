"""What the settings of discovery take."""

import pytest

from apps.discovery.options import ADDRESSES
from olympus.kernel.errors import Invalid
from olympus.kernel.options import change_option, option_value

pytestmark = pytest.mark.django_db


def test_addresses_of_ones_own_networks_are_taken_as_they_were_entered() -> None:
    entered = ["http://nas:11434", "192.168.1.20", "::1", "100.101.102.103:8000", "redis://10.0.0.3"]

    change_option(ADDRESSES.name, entered)

    assert option_value(ADDRESSES) == entered


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("8.8.8.8", "8.8.8.8: This address is never scanned"),
        ("http://169.254.169.254/latest", "This address is never scanned"),
        ("0177.0.0.1", "This host has no address"),
        ("two words", "names no host"),
        ("ftp://nas", "starts with http"),
        ("http://me:a-secret@nas:11434", "^nas:11434: Leave out passwords"),
        ("http://nas?key=a-secret", "Leave out passwords"),
        ("http://" + "x" * 600, "length <= 500"),
    ],
)
def test_an_address_that_would_not_be_looked_at_is_refused_when_it_is_entered(line: str, problem: str) -> None:
    with pytest.raises(Invalid, match=problem) as caught:
        change_option(ADDRESSES.name, ["nas", line])

    assert caught.value.field == ADDRESSES.name
    assert option_value(ADDRESSES) == []
