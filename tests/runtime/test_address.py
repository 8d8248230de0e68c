"""The address to listen on, and how it is told."""

import socket

import pytest

from olympus.runtime.address import PortTaken, listen, network_url, page_url


@pytest.fixture
def taken_port() -> int:
    """A port somebody listens on, for as long as the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_that_was_asked_for_is_refused(taken_port: int) -> None:
    with pytest.raises(PortTaken, match=f"Port {taken_port} at 127.0.0.1 cannot be used"):
        listen("127.0.0.1", taken_port)


def test_without_a_port_it_takes_the_first_that_is_free() -> None:
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        ports = first.getsockname()[1], second.getsockname()[1]

    assert 8000 <= ports[0] < ports[1] < 8050


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(PortTaken, match=r"no\.such\.host\.invalid"):
        listen("no.such.host.invalid", 0)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://localhost:8000/"),
        ("0.0.0.0", "http://localhost:8000/"),
        ("::", "http://localhost:8000/"),
        ("192.168.1.5", "http://192.168.1.5:8000/"),
        ("fd00::5", "http://[fd00::5]:8000/"),
    ],
)
def test_the_address_for_this_machine(host: str, url: str) -> None:
    assert page_url(host, 8000) == url


def test_there_is_no_address_for_others_unless_they_are_let_in() -> None:
    assert network_url("127.0.0.1", 8000) is None
    assert network_url("192.168.1.5", 8000) == "http://192.168.1.5:8000/"
