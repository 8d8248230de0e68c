"""Hosts of their own on one machine: each a network namespace with an interface that counts what reaches it.

For a process that owns its network namespace (`unshare --net`), which is the machine the hosts hang on.
"""

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET of linux/sched.h
_IPV6_SWITCHES = ("all", "default")


class Host:
    """One host: a thread lives in its namespace, and what the thread makes belongs there."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self.thread_id: int = self.run(_enter)

    def run(self, work: Callable[[], T]) -> T:
        """This will do something as this host and return what came of it."""
        return self._thread.submit(work).result()

    def listen(self, address: str, port: int) -> socket.socket:
        """This will make a listening socket in the host; it may be served from anywhere in the process."""
        return self.run(lambda: socket.create_server((address, port)))

    def packets(self) -> int:
        """This will count the packets that reached the host so far, whatever they were."""
        return self.run(lambda: _received("eth0"))


def quiet() -> None:
    """This will keep the kernel from speaking IPv6 by itself here; it would be counted."""
    for name in _IPV6_SWITCHES:
        with suppress(OSError):  # some containers lend /proc/sys read-only; then addrgenmode must do
            Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1")


def loopback() -> None:
    """This will take this machine's own loopback into use."""
    _ip("link set lo up")


def bridge(name: str, address: str) -> None:
    """This will make a switch with this machine's own address on it."""
    _ip(f"link add {name} type bridge mcast_snooping 0")
    _up(name)
    _ip(f"address add {address} dev {name}")


def attach(host: Host, address: str, *, to: str = "", own_address: str = "") -> None:
    """This will connect a host: to a switch, or by a cable of its own whose near end has `own_address`."""
    near = f"to_{host.name}"
    _ip(f"link add {near} type veth peer name eth0 netns {host.thread_id}")
    if to:
        _ip(f"link set {near} master {to}")
    _up(near)
    if own_address:
        _ip(f"address add {own_address} dev {near}")

    def connect() -> None:
        _up("eth0")
        _ip(f"address add {address} dev eth0")

    host.run(connect)


def route(target: str, host: Host) -> None:
    """This will send what is for the target down the cable of a host."""
    _ip(f"route add {target} dev to_{host.name}")


def _enter() -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    quiet()
    loopback()
    return threading.get_native_id()


def _received(interface: str) -> int:
    """The second column of /proc/net/dev; /sys would show the namespace it was mounted in."""
    for line in Path("/proc/thread-self/net/dev").read_text().splitlines():
        name, colon, numbers = line.partition(":")
        if colon and name.strip() == interface:
            return int(numbers.split()[1])
    raise LookupError(interface)


def _up(interface: str) -> None:
    _ip(f"link set {interface} addrgenmode none up")


def _ip(command: str) -> None:
    subprocess.run(["ip", *command.split()], check=True, capture_output=True, text=True)
