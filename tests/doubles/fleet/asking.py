"""A client that follows nothing and unpacks nothing: what a server of the fleet really sends."""

import json
from dataclasses import dataclass
from typing import Any

import aiohttp

_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One whole answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


async def ask(url: str, route: str = "GET /", body: Any = None, *, key: str = "", **headers: str) -> Heard:
    """This will send one request, as `GET /v1/models`; `headers` in Python's spelling."""
    method, path = route.split(" ")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if key:
        named["authorization"] = f"Bearer {key}"
    timeout = aiohttp.ClientTimeout(total=_LIMIT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
        session.request(method, url + path, json=body, headers=named, allow_redirects=False) as answer,
    ):
        heard = {name.lower(): value for name, value in answer.headers.items()}
        return Heard(answer.status, heard, await answer.read())
