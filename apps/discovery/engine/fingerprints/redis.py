"""Redis or Valkey, by its own protocol, without logging in.

Source: github.com/valkey-io/valkey, src/server.c (replies, INFO) and src/networking.c (protected mode); Redis has the same.
"""

import re

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, Sign
from apps.discovery.engine.wire import Answer, Answers, Probe, short_text


def _is_bulk(answer: bytes) -> bool:
    """Whether a bulk string (`$12\\r\\n…\\r\\n`) has arrived whole, or another reply's line."""
    head, end, rest = answer.partition(b"\r\n")
    if not head.startswith(b"$") or not head[1:].isdigit() or len(head) > 9:
        return bool(end)
    return len(rest) >= int(head[1:]) + 2


def ping(key: str = "") -> Probe:
    """This will make the request for a sign of life, logging in first where there is a password."""
    if not key:
        return Probe("TCP", "PING", raw=b"PING\r\n", is_whole=lambda answer: b"\r\n" in answer)
    secret = key.encode()
    login = b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n" % (len(secret), secret)
    return Probe("TCP", "PING", raw=login + b"PING\r\n", is_whole=lambda answer: answer.count(b"\r\n") >= 2)


PING = ping()
INFO = Probe("TCP", "INFO server", raw=b"INFO server\r\n", is_whole=_is_bulk)
LOCKED = (b"-NOAUTH", b"-DENIED", b"-WRONGPASS", b"-NOPERM")
LOADING = b"-LOADING"
_VERSION = re.compile(r"^(valkey|redis)_version:([\w.+-]{1,60})", re.MULTILINE)


def _pong(answer: Answer) -> str:
    line = answer.body.removesuffix(b"\r\n").rsplit(b"\r\n", 1)[-1]
    is_redis = line == b"+PONG" or line.startswith((*LOCKED, LOADING))
    return short_text(line.decode("ascii", errors="replace"), 100) if is_redis and answer.body.endswith(b"\n") else ""


def _read(answers: Answers) -> Reading:
    told = dict(_VERSION.findall(answers[INFO.name].text)) if INFO.name in answers else {}
    return Reading(
        version=told.get("valkey") or told.get("redis", ""),
        name="Valkey" if "valkey" in told else "Redis",
        needs_key=answers[PING.name].body.startswith(LOCKED),
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.REDIS,
    ports=(6379,),
    signs=((Sign(PING, _pong),),),
    read=_read,
    details=(INFO,),
    watch=(PING,),
    alive=(Sign(PING, _pong),),
)
