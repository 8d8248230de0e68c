"""The source of servers that announce themselves in the local network (mDNS); off until the owner turns it on."""

import asyncio
import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING

import psutil

from apps.discovery.contracts import Candidate, ServiceKind
from apps.discovery.sources.context import Named, SourceContext
from apps.discovery.sources.ports import ALL_DEFAULT_PORTS, kind_at
from olympus.kernel.text import clean_text

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo

NAME = "mdns"
# Of plain web servers only those at a port of ours: printers and televisions announce themselves as these too.
_WEB = "_http._tcp.local."
_TYPES = {
    "_ollama._tcp.local.": ServiceKind.OLLAMA,
    "_mcp._tcp.local.": ServiceKind.MCP,
    _WEB: None,
}
# An announcement is heard within a second or so; asking for its address takes as long again where it is not cached.
_LISTEN_S = 1.5
_ASK_MS = 500
_MOST_SERVICES = 64


async def candidates(context: SourceContext) -> Named:
    """This will listen for a moment to who announces a service, and name those in a network of this machine."""
    if not context.is_mdns_on:
        return Named()
    networks = await asyncio.to_thread(own_networks)
    return Named(candidates=candidates_of(await listen(), networks))


async def listen(interfaces: list[str] | None = None) -> "list[AsyncServiceInfo]":
    """This will ask for services of our types on all interfaces, or on those with these addresses."""
    from zeroconf import InterfaceChoice, ServiceStateChange, Zeroconf  # noqa: PLC0415 - 27 MB, for those who turn it on
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf  # noqa: PLC0415

    heard: set[tuple[str, str]] = set()

    def note(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is not ServiceStateChange.Removed and len(heard) < _MOST_SERVICES:
            heard.add((service_type, name))

    async with AsyncZeroconf(interfaces=interfaces or InterfaceChoice.All) as mdns:
        browser = AsyncServiceBrowser(mdns.zeroconf, list(_TYPES), handlers=[note])
        await asyncio.sleep(_LISTEN_S)
        await browser.async_cancel()
        infos = [AsyncServiceInfo(service_type, name) for service_type, name in heard]
        told = await asyncio.gather(*(info.async_request(mdns.zeroconf, _ASK_MS) for info in infos))
    return [info for info, is_told in zip(infos, told, strict=True) if is_told]


def candidates_of(
    infos: "Iterable[AsyncServiceInfo]", networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> list[Candidate]:
    """This will make candidates of announcements that name an address in one of the networks.

    An announcement proves nothing, so it gives no identity: anybody in the network can say anything.
    """
    known = list(networks)
    found = []
    for info in infos:
        addresses = [ipaddress.ip_address(each) for each in info.parsed_addresses()]
        address = next((each for each in addresses if any(each in network for network in known)), None)
        port = info.port or 0
        if address is None or not port or (info.type == _WEB and port not in ALL_DEFAULT_PORTS):
            continue
        name = clean_text(info.get_name())[:100]
        kind = _TYPES.get(info.type) or kind_at(port)
        found.append(Candidate(source=NAME, host=str(address), port=port, kind=kind, name=name, is_named=True))
    return found


def own_networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """This will list the private networks this machine has an address in."""
    found = []
    for addresses in psutil.net_if_addrs().values():
        for each in addresses:
            if each.netmask is None:
                continue
            try:
                network = ipaddress.ip_interface(f"{each.address.partition('%')[0]}/{_prefix(each.netmask)}").network
            except ValueError:
                continue  # a hardware address
            if network.is_loopback or (network.is_private and not network.is_link_local):
                found.append(network)
    return found


def _prefix(netmask: str) -> str:
    """ip_interface takes IPv4 masks as they are, and of IPv6 ones the number of bits."""
    return str(int(ipaddress.IPv6Address(netmask)).bit_count()) if ":" in netmask else netmask
