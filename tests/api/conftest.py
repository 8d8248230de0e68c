"""Programs and browsers that use the REST door."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from apps.accounts.services.keys import create_api_key
from olympus.kernel.actor import Scope
from tests.support.cast import Someone


class Api:
    """A client that speaks JSON to `/api/v1/…`."""

    def __init__(self, client: Client, headers: dict[str, str] | None = None) -> None:
        self._client = client
        self._headers = headers or {}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask: `headers` in Python's spelling, `idempotency_key="a"`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = "" if body is None else body if isinstance(body, str | bytes) else json.dumps(body)
        address = path if path.startswith("/") else f"/api/v1/{path}"
        return self._client.generic(
            method, address, data, content_type="application/json", headers={**self._headers, **named}
        )

    def get(self, path: str, **headers: str) -> Any:
        """Read."""
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Make."""
        return self("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        """Change."""
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        """Remove."""
        return self("DELETE", path, **headers)


@pytest.fixture(autouse=True)
def _apart(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


@pytest.fixture
def api(owner: Someone) -> Api:
    """The owner's browser."""
    return Api(owner.client())


@pytest.fixture
def api_of() -> Callable[..., Api]:
    """A program with a key of these scopes, or a browser if there are none."""

    def make(who: Someone, *scopes: Scope) -> Api:
        if not scopes:
            return Api(who.client())
        _, secret = create_api_key(actor=who.actor, name="a program", scopes=scopes)
        return Api(Client(), {"Authorization": f"Bearer {secret}"})

    return make
