"""What the runtime's tests share."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

Fetch = Callable[[str], tuple[int, dict[str, Any]]]


@pytest.fixture(scope="session")
def fetch() -> Fetch:
    """Fetches JSON from an address: the status and the body."""

    def get(url: str) -> tuple[int, dict[str, Any]]:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    return get
