"""Time-ordered identifiers."""

from itertools import pairwise
from uuid import UUID

import pytest

from olympus.kernel.ids import parse_uuid, uuid7


def test_an_id_is_a_version_7_uuid_of_the_right_variant() -> None:
    made = uuid7()

    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_ids_are_ordered_by_the_millisecond_and_never_twice_the_same() -> None:
    made = [uuid7() for _ in range(2000)]

    assert len(set(made)) == 2000
    assert all(first.int >> 80 <= second.int >> 80 for first, second in pairwise(made))


@pytest.mark.parametrize("text", ["", "x", "0" * 33, None, 7])
def test_what_is_no_uuid_is_none(text: str) -> None:
    assert parse_uuid(text) is None


def test_a_uuid_is_read() -> None:
    assert parse_uuid("0191f0c4-0000-7000-8000-000000000000") == UUID("0191f0c4-0000-7000-8000-000000000000")
