"""What listens on this machine, as the kernel tells."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest

from apps.discovery.contracts import ServiceKind
from apps.discovery.sources import listeners
from apps.discovery.sources.context import SourceContext
from apps.discovery.sources.listeners import Listener, candidates_of, own_pids, read_listeners

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LISTEN = """
import socket, sys
server = socket.create_server((sys.argv[1], 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def another_program(address: str) -> Iterator[int]:
    """A program that is no child of this one and listens at the address."""
    line = [sys.executable, "-c", LISTEN, address]
    # The shell ends at once, so the program is nobody's child but the machine's first process's.
    shell = f'exec 3<&0; "{line[0]}" -c "$CODE" {address} <&3 & exit 0'
    with subprocess.Popen(
        ["sh", "-c", shell], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "CODE": LISTEN}
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdin is not None
        yield int(starter.stdout.readline())
        starter.stdin.close()


def test_a_program_on_loopback_is_listed_with_its_name() -> None:
    with another_program("127.0.0.1") as port:
        found = {each.port: each for each in read_listeners()}

    assert found[port].address == "127.0.0.1"
    assert found[port].program.startswith("python")


async def test_a_program_on_all_addresses_is_reached_at_loopback_and_says_so() -> None:
    with another_program("0.0.0.0") as port:
        named = await listeners.candidates(SourceContext(now=NOW))

    [it] = [each for each in named.candidates if each.port == port]
    assert (it.host, it.listens_on, it.source) == ("127.0.0.1", "0.0.0.0", "listeners")


def test_the_sockets_of_this_process_and_its_children_are_left_out() -> None:
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as own,
        subprocess.Popen(
            [sys.executable, "-c", LISTEN, "127.0.0.1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as child,
    ):
        assert child.stdout is not None
        childs_port = int(child.stdout.readline())
        ports = {each.port for each in read_listeners()}
        assert child.stdin is not None
        child.stdin.close()
        own_port = own.getsockname()[1]

    assert own_port not in ports
    assert childs_port not in ports
    assert os.getpid() in own_pids()


async def test_the_port_of_the_page_is_left_out() -> None:
    with another_program("127.0.0.1") as port:
        context = SourceContext(now=NOW, environment={"OLYMPUS_PORT": str(port)})
        named = await listeners.candidates(context)

    assert port not in {each.port for each in named.candidates}


async def test_nothing_is_read_where_looking_is_turned_off() -> None:
    named = await listeners.candidates(SourceContext(now=NOW, is_autodetecting=False))

    assert list(named.candidates) == []


@pytest.mark.parametrize(
    ("address", "reached", "listens_on"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.53", "127.0.0.53", "127.0.0.53"),
        ("0.0.0.0", "127.0.0.1", "0.0.0.0"),
        ("::", "127.0.0.1", "::"),
        ("::1", "::1", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("192.168.1.5", "192.168.1.5", "192.168.1.5"),
    ],
)
def test_a_listener_is_asked_where_a_client_of_this_machine_reaches_it(
    address: str, reached: str, listens_on: str
) -> None:
    [it] = candidates_of([Listener(address, 8123)])

    assert (it.host, it.listens_on) == (reached, listens_on)


@pytest.mark.parametrize("address", ["169.254.10.1", "fe80::1%eth0", "93.184.215.14", "2606:4700::1"])
def test_a_listener_on_a_public_or_link_local_address_is_left_out(address: str) -> None:
    assert candidates_of([Listener(address, 8123)]) == []


@pytest.mark.parametrize("port", [22, 25, 53, 631, 3306, 9100])
def test_services_of_the_system_are_left_alone(port: int) -> None:
    assert candidates_of([Listener("127.0.0.1", port)]) == []


def test_a_port_open_on_loopback_and_everywhere_is_one_that_is_open_everywhere() -> None:
    [it] = candidates_of([Listener("0.0.0.0", 8123), Listener("127.0.0.1", 8123)])

    assert it.listens_on == "0.0.0.0"


def test_a_programs_name_says_what_to_try_first() -> None:
    ollama, other = candidates_of([Listener("127.0.0.1", 9999, "ollama"), Listener("127.0.0.1", 6379, "python")])

    assert (ollama.kind, other.kind) == (ServiceKind.OLLAMA, ServiceKind.REDIS)
