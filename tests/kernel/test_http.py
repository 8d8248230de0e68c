"""The safe way out: which addresses it connects to and what it never does."""

import asyncio
import ipaddress

import aiohttp
import pytest

from olympus.kernel.errors import Invalid
from olympus.kernel.http import (
    PROVIDERS,
    AddressRefused,
    Policy,
    TooLarge,
    check_url,
    close_sessions,
    is_allowed,
    open_session,
    read_at_most,
    run_alone,
    shared_session,
    was_refused,
)
from tests.doubles.http_server import Connection, HttpServer, Request

METADATA = "169.254.169.254"
ALLOWED = [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.1.20",
    "100.64.0.1",
    "8.8.8.8",
    "::1",
    "fd12::1",
    "2606:4700::1111",
    "::ffff:10.0.0.1",
]
REFUSED = [
    METADATA, "169.254.0.1", "168.63.129.16", "100.100.100.200", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fd20:ce::254",
    "fd00:ec2::23", "fd00:42::42", "fd00:c1::a9fe:a9fe", "192.0.0.192",
    "0.0.0.0", "::", "224.0.0.1", "239.1.1.1", "ff02::1",
    f"::ffff:{METADATA}", f"::{METADATA}", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1",
]  # fmt: skip


class Echo(HttpServer):
    """Answers with what was asked; /away redirects, /much sends a megabyte."""

    def handle(self, request: Request, connection: Connection) -> None:
        if request.path == "/away":
            connection.send_body(b"", "text/plain", 302, f"Location: http://{METADATA}/\r\nSet-Cookie: a=b\r\n")
        elif request.path == "/much":
            connection.send_body(b"x" * 1_000_000, "text/plain")
        else:
            connection.send_json(dict(request.headers))


@pytest.mark.parametrize("address", ALLOWED)
def test_a_provider_may_be_at_any_ordinary_address(address: str) -> None:
    assert is_allowed(address, PROVIDERS)


@pytest.mark.parametrize("address", REFUSED)
def test_metadata_link_local_and_what_hides_them_is_refused(address: str) -> None:
    assert not is_allowed(address, PROVIDERS)


@pytest.mark.parametrize(
    "host", ["2852039166", "0xa9fea9fe", "0xa9.254.169.254", "0251.0376.0251.0376", "169.254.43518", "127.1"]
)
def test_an_address_in_a_form_people_do_not_use_is_invalid(host: str) -> None:
    with pytest.raises(Invalid):
        check_url(f"http://{host}/", PROVIDERS)


@pytest.mark.parametrize("url", [f"http://{METADATA}/", f"http://[::ffff:{METADATA}]:80/v1", "https://[fe80::1]/"])
def test_a_url_that_names_a_refused_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, PROVIDERS)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost",
        "ftp://host/",
        "file:///etc/passwd",
        "http://",
        "http://user:pass@host/",
        "http://host:99999/",
        "http://[::1/",
    ],
)
def test_what_is_no_plain_web_address_is_invalid(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, PROVIDERS)


def test_a_checked_url_loses_its_slash_query_and_fragment() -> None:
    assert check_url(" http://Host:8000/v1/?key=x#y ", PROVIDERS) == "http://Host:8000/v1"


@pytest.mark.parametrize(
    "host", [METADATA, "[fe80::1]", f"[::ffff:{METADATA}]", "0xa9fea9fe", "0251.0376.0251.0376", "0.0.0.0"]
)
async def test_the_guard_refuses_at_the_connection_too(host: str) -> None:
    async with open_session(PROVIDERS) as session:
        with pytest.raises((aiohttp.ClientConnectorError, aiohttp.InvalidURL)) as caught:
            await session.get(f"http://{host}:1/")

    assert was_refused(caught.value) or isinstance(caught.value, aiohttp.InvalidURL)


async def test_a_name_is_refused_if_one_of_its_addresses_is() -> None:
    no_loopback = Policy("test", (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")))

    async with open_session(no_loopback) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get("http://localhost:1/")

    assert was_refused(caught.value)


async def test_redirects_are_not_followed_unless_asked_and_then_guarded() -> None:
    async with Echo() as server, open_session(PROVIDERS) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get(f"{server.url}/away", allow_redirects=True)

    assert was_refused(caught.value)


async def test_no_proxy_no_netrc_and_no_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    async with Echo() as server, open_session(PROVIDERS) as session:
        async with session.get(f"{server.url}/away", allow_redirects=False) as response:
            assert response.status == 302
        async with session.get(server.url) as response:
            sent = await response.json()

    assert "cookie" not in sent
    assert sent["user-agent"] == "Olympus"


async def test_an_answer_is_read_up_to_a_limit() -> None:
    async with Echo() as server, open_session(PROVIDERS) as session:
        async with session.get(f"{server.url}/much") as response:
            whole = await read_at_most(response, 1_000_000)
        async with session.get(f"{server.url}/much") as response:
            with pytest.raises(TooLarge):
                await read_at_most(response, 999_999)

    assert len(whole) == 1_000_000


async def test_a_loop_has_one_session_a_policy_and_closes_it() -> None:
    first = shared_session(PROVIDERS)
    second = shared_session(PROVIDERS)

    await close_sessions()

    assert first is second
    assert first.closed
    assert shared_session(PROVIDERS) is not first
    await close_sessions()


def test_work_alone_leaves_nothing_open() -> None:
    async def look() -> aiohttp.ClientSession:
        await asyncio.sleep(0)
        return shared_session(PROVIDERS)

    session = run_alone(look)

    assert session.closed
