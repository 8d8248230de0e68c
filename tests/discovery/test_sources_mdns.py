"""Servers that announce themselves in the network: heard only where it is on, and believed in nothing."""

import ipaddress
import socket
from datetime import UTC, datetime

import pytest
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from apps.discovery.contracts import ServiceKind
from apps.discovery.sources import mdns
from apps.discovery.sources.context import SourceContext
from apps.discovery.sources.mdns import candidates_of, listen, own_networks

HOME = [ipaddress.ip_network("192.168.1.0/24")]


def announced(
    address: str, port: int = 11434, *, kind: str = "_ollama._tcp.local.", name: str = "nas"
) -> AsyncServiceInfo:
    packed = [ipaddress.ip_address(address).packed]
    return AsyncServiceInfo(kind, f"{name}.{kind}", addresses=packed, port=port, server="nas.local.")


def test_a_server_in_a_network_of_this_machine_is_named_without_an_identity() -> None:
    [it] = candidates_of([announced("192.168.1.20")], HOME)

    assert (it.host, it.port, it.kind, it.name) == ("192.168.1.20", 11434, ServiceKind.OLLAMA, "nas")
    assert it.identity == ""


@pytest.mark.parametrize("address", ["10.9.9.9", "169.254.169.254", "93.184.215.14", "fe80::1", "127.0.0.1"])
def test_an_announcement_of_an_address_elsewhere_is_not_followed(address: str) -> None:
    assert candidates_of([announced(address)], HOME) == []


def test_of_plain_web_servers_only_those_at_a_port_of_ours_are_named() -> None:
    web = "_http._tcp.local."
    found = candidates_of(
        [announced("192.168.1.9", 80 + 9020, kind=web), announced("192.168.1.8", 8080, kind=web)], HOME
    )

    assert [(each.host, each.port) for each in found] == [("192.168.1.8", 8080)]


def test_a_port_of_zero_is_no_place() -> None:
    assert candidates_of([announced("192.168.1.20", 0)], HOME) == []


async def test_nobody_is_listened_to_until_the_owner_turns_it_on() -> None:
    named = await mdns.candidates(SourceContext(now=datetime(2026, 11, 21, tzinfo=UTC)))

    assert list(named.candidates) == []


def test_the_networks_of_this_machine_are_private_and_with_loopback() -> None:
    found = own_networks()

    assert ipaddress.ip_network("127.0.0.0/8") in found
    assert all(network.is_private and not network.is_link_local for network in found)


async def test_an_announcement_on_loopback_is_heard() -> None:
    loopback = ["127.0.0.1"]
    service = AsyncServiceInfo(
        "_ollama._tcp.local.",
        "here._ollama._tcp.local.",
        addresses=[socket.inet_aton("127.0.0.1")],
        port=11434,
        server="here.local.",
    )

    async with AsyncZeroconf(interfaces=loopback) as announcer:
        await announcer.async_register_service(service)
        heard = await listen(loopback)
        await announcer.async_unregister_all_services()

    assert [(each.host, each.port) for each in candidates_of(heard, own_networks())] == [("127.0.0.1", 11434)]
