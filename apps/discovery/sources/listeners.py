"""The source of this machine's listeners: what the kernel says is listening, so that no port is tried in vain."""

import asyncio
import ipaddress
import os
from dataclasses import dataclass

import psutil

from apps.discovery.contracts import Candidate, ServiceKind
from apps.discovery.sources.context import Named, SourceContext
from apps.discovery.sources.ports import kind_at

NAME = "listeners"
# Services of an operating system that speak none of our wires. A printer's port prints what it is sent.
_OTHERS = frozenset({21, 22, 23, 25, 53, 88, 110, 111, 139, 143, 389, 445, 465, 587, 631, 636, 853, 873, 993, 995})
_OTHERS_HIGH = frozenset({2049, 3306, 3389, 5353, 5355, 5900, 9100, 11211, 27017})
# What programs are called that are one product's; it only says what to try first.
_PROGRAMS = {
    "ollama": ServiceKind.OLLAMA,
    "llama-server": ServiceKind.LLAMACPP,
    "local-ai": ServiceKind.LOCALAI,
    "redis-server": ServiceKind.REDIS,
    "valkey-server": ServiceKind.REDIS,
    "postgres": ServiceKind.POSTGRES,
}


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening TCP socket; `program` is empty where the account may not see whose it is."""

    address: str
    port: int
    program: str = ""


async def candidates(context: SourceContext) -> Named:
    """This will name what listens on this machine, Olympus itself left out; it takes 0.1 s on a busy machine."""
    if not context.is_autodetecting:
        return Named()
    own = context.environment.get("OLYMPUS_PORT", "")
    listeners = await asyncio.to_thread(read_listeners)
    return Named(candidates=candidates_of([each for each in listeners if str(each.port) != own]))


def read_listeners() -> list[Listener]:
    """This will ask the kernel for listening TCP sockets, without those of Olympus' own processes.

    Empty where the account may not ask, as on macOS: the default ports are tried all the same.
    """
    try:
        sockets = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return []
    own = own_pids()
    return [
        Listener(address=each.laddr.ip, port=each.laddr.port, program=_program(each.pid))
        for each in sockets
        if each.status == psutil.CONN_LISTEN and each.laddr and each.pid not in own
    ]


def own_pids() -> frozenset[int]:
    """This will name the processes of this Olympus: those under its supervisor, else this one and its children."""
    try:
        me = psutil.Process(os.getpid())
        top = next((each for each in reversed(me.parents()) if _is_supervisor(each)), me)
        return frozenset({me.pid, top.pid, *(child.pid for child in top.children(recursive=True))})
    except psutil.Error:
        return frozenset({os.getpid()})


def candidates_of(listeners: list[Listener]) -> list[Candidate]:
    """This will make candidates of listeners, one for each address at which a client on this machine reaches them."""
    found: dict[tuple[str, int], Candidate] = {}
    for listener in listeners:
        host = _reached_at(listener.address)
        if not host or listener.port in _OTHERS or listener.port in _OTHERS_HIGH:
            continue
        place = (host, listener.port)
        known = found.get(place)
        if known is None or _is_any(listener.address):
            kind = _PROGRAMS.get(listener.program) or kind_at(listener.port)
            found[place] = Candidate(
                source=NAME,
                host=host,
                port=listener.port,
                kind=kind,
                is_named=True,  # an address of this machine, also where it is one in a network
                listens_on=_plain(listener.address),
            )
    return list(found.values())


def _reached_at(address: str) -> str:
    """Where a client on this machine connects; empty for addresses no scan may go to."""
    plain = _plain(address)
    if _is_any(plain):
        return "127.0.0.1"  # a socket on :: takes IPv4 as well unless it says otherwise
    ip = ipaddress.ip_address(plain)
    return plain if ip.is_loopback or (ip.is_private and not ip.is_link_local) else ""


def _plain(address: str) -> str:
    ip = ipaddress.ip_address(address.partition("%")[0])
    return str(getattr(ip, "ipv4_mapped", None) or ip)


def _is_any(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_unspecified


def _is_supervisor(process: psutil.Process) -> bool:
    try:
        return "olympus.runtime.up" in process.cmdline()
    except psutil.Error:
        return False


def _program(pid: int | None) -> str:
    if pid is None:
        return ""
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return ""
