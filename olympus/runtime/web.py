"""`python -m olympus.runtime.web`: the web process, on an address of its own or on a socket it inherits.

Not `uvicorn --fd`: that takes every inherited socket for a Unix one. Nagle's algorithm then stays on, which
holds small frames back for 40 ms, and no caller's address is known.
"""

import argparse
import socket
import sys

import uvicorn

from olympus.runtime.http import BoundedHttp
from olympus.settings.environment import trusted_proxies

# A thread that reads rows holds the interpreter for up to this long before the loop gets it back; Python's own 5 ms
# would show in every first word that meets one.
_SWITCH_S = 0.0005
# Open pages are told to reconnect and close at once; a streamed HTTP answer gets this long.
_GRACE_S = 3


def main(arguments: list[str]) -> None:
    """This will serve until it is told to stop."""
    parser = argparse.ArgumentParser(prog="olympus.runtime.web")
    parser.add_argument("--fd", type=int, help="a listening TCP socket")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args(arguments)
    config = uvicorn.Config(
        "olympus.asgi:application",
        host=given.host,
        port=given.port,
        loop="uvloop",
        http=BoundedHttp,
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # it costs 40% of a token's CPU and saves little on small frames
        lifespan="off",
        access_log=False,
        log_config=None,  # its lines go where all go, in the same form
        log_level="warning",
        server_header=False,
        # Whoever may say in X-Forwarded-For for whom they ask; nobody may whom the settings do not name.
        proxy_headers=bool(trusted_proxies()),
        forwarded_allow_ips=trusted_proxies(),
        timeout_graceful_shutdown=_GRACE_S,
    )
    config.load()
    _follow_settings()
    sys.setswitchinterval(_SWITCH_S)
    inherited = [socket.socket(fileno=given.fd)] if given.fd is not None else None
    uvicorn.Server(config).run(sockets=inherited)


def _follow_settings() -> None:
    """What an owner changes holds here within a second, without a look at the database for each use."""
    from olympus.kernel.options import follow_settings  # noqa: PLC0415 - needs the application

    follow_settings()


if __name__ == "__main__":
    main(sys.argv[1:])
