"""The address the web server listens on, and how to write it for a person."""

import socket

_DEFAULT_PORT = 8000
_PORTS_TRIED = 50
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ANY = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to
_BACKLOG = 512  # connections wait here while the web process is started again


class PortTaken(Exception):
    """No port could be had; the text says which."""


def listen(host: str, port: int | None) -> socket.socket:
    """This will open the listening socket: on `port`, or without one on 8000 or the next that is free.

    The supervisor owns it and hands it to the web process, so nobody can take the port in
    between, and callers wait instead of being refused while that process is started again.

    Raises:
        PortTaken: the port asked for is busy or not allowed, or there is no such host.
    """
    candidates = [port] if port is not None else range(_DEFAULT_PORT, _DEFAULT_PORT + _PORTS_TRIED)
    problem = OSError()
    for candidate in candidates:
        try:
            return _bind(host, candidate)
        except OSError as error:
            problem = error
    if port is None:
        raise PortTaken(f"No free port from {_DEFAULT_PORT} on at {host}: {problem.strerror}.")
    raise PortTaken(f"Port {port} at {host} cannot be used: {problem.strerror}. Choose another with --port.")


def page_url(host: str, port: int) -> str:
    """This will write the address to open on this machine."""
    name = "localhost" if host in (*_LOOPBACK, *_ANY) else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/"


def network_url(host: str, port: int) -> str | None:
    """This will write the address for other machines, if they can reach us."""
    if host in _LOOPBACK:
        return None
    if host not in _ANY:
        return page_url(host, port)
    own = _own_address()
    return f"http://{own}:{port}/" if own else None


def connect_host(host: str) -> str:
    """This will name the host by which this machine reaches the server."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound to


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, place = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(place)
        opened.listen(_BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened


def _own_address() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737's address for examples: a datagram socket sends nothing here
            return str(probe.getsockname()[0])
        except OSError:
            return None
