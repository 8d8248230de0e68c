"""Files that list services and are too much, turn in a circle or are none: refused unread or in bounded time."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.discovery.sources.files.label_format import parse_label_file
from apps.discovery.sources.files.mcp_format import parse_mcp_file
from apps.discovery.sources.files.reading import read_file
from olympus.kernel.errors import Invalid

FIFTY_MEGABYTES = 50 * 1024 * 1024


def test_a_file_of_fifty_megabytes_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "mcp.json"
    with file.open("wb") as made:
        made.truncate(FIFTY_MEGABYTES)
    tracemalloc.start()

    with pytest.raises(Invalid, match="MB"):
        read_file(file)

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 1_000_000


@pytest.mark.parametrize("parse", [lambda content: parse_mcp_file(content, "Cursor"), parse_label_file])
@pytest.mark.parametrize(
    "content",
    [b'{"mcpServers": {"x": "' + b"x" * FIFTY_MEGABYTES + b'"}}', b"[" * 200_000, b'{"a":' * 200_000, b"\xff\xfe{}", b"\x00",
     b"a: &a [*a]", b"a: &a\n  b: *a\n"],
    ids=["50 MB", "deep list", "deep object", "utf-16", "nul", "cycle", "cycle of objects"],
)  # fmt: skip
def test_a_file_that_is_too_much_or_turns_in_a_circle_is_refused(parse: Callable[[bytes], Any], content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        parse(content)

    assert 10 < len(refused.value.message) < 400


def test_links_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.symlink_to(other)
    other.symlink_to(one)

    with pytest.raises(Invalid):
        read_file(one)
