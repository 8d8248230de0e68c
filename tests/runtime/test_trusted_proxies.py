"""Whose word is taken for where a request comes from."""

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from olympus.settings.environment import trusted_proxies


async def address_seen(peer: str, forwarded: str) -> str:
    """What the application sees as the address, behind the server as the web process starts it."""
    seen: list[str] = []

    async def app(scope: dict[str, tuple[str, int]], receive: object, send: object) -> None:
        seen.append(scope["client"][0])

    scope = {
        "type": "http",
        "client": (peer, 1),
        "headers": [(b"x-forwarded-for", forwarded.encode())],
        "scheme": "http",
    }
    served = ProxyHeadersMiddleware(app, trusted_proxies()) if trusted_proxies() else app  # type: ignore[arg-type]
    await served(scope, None, None)  # type: ignore[arg-type]
    return seen[0]


@pytest.mark.parametrize(
    ("environment", "peer", "forwarded", "seen"),
    [
        ({}, "127.0.0.1", "192.0.2.9", "127.0.0.1"),
        ({"PUBLIC_URL": "https://o.example.org"}, "127.0.0.1", "192.0.2.9", "192.0.2.9"),
        ({"PUBLIC_URL": "https://o.example.org"}, "198.51.100.1", "192.0.2.9", "198.51.100.1"),
        ({"PUBLIC_URL": "https://o.example.org"}, "127.0.0.1", "10.9.9.9, 192.0.2.9", "192.0.2.9"),
        ({"PUBLIC_URL": "https://o.example.org", "TRUSTED_PROXIES": ""}, "127.0.0.1", "192.0.2.9", "127.0.0.1"),
        ({"TRUSTED_PROXIES": "172.16.0.0/12"}, "172.20.0.1", "192.0.2.9", "192.0.2.9"),
    ],
)
async def test_only_a_named_proxy_says_for_whom_it_asks(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], peer: str, forwarded: str, seen: str
) -> None:
    for name in ("PUBLIC_URL", "TRUSTED_PROXIES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert await address_seen(peer, forwarded) == seen
