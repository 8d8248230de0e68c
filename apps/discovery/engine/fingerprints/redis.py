"""Redis or Valkey, by its own protocol. Source: redis.io/docs, RESP and PING; valkey.io, INFO."""

import re

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, Sign
from apps.discovery.engine.wire import Answer, Answers, Probe, short_text

PING = Probe("TCP", "PING")
INFO = Probe("TCP", "INFO server")
_LOCKED = (b"-NOAUTH", b"-DENIED")
_VERSION = re.compile(r"^(valkey|redis)_version:([\w.+-]{1,60})", re.MULTILINE)


def _pong(answer: Answer) -> str:
    line = answer.body.split(b"\r\n")[0]
    is_redis = line == b"+PONG" or line.startswith(_LOCKED)
    return short_text(line.decode("ascii", errors="replace"), 100) if is_redis and b"\r\n" in answer.body else ""


def _read(answers: Answers) -> Reading:
    told = dict(_VERSION.findall(answers[INFO.name].text)) if INFO.name in answers else {}
    return Reading(
        version=told.get("valkey") or told.get("redis", ""),
        name="Valkey" if "valkey" in told else "Redis",
        needs_key=answers[PING.name].body.startswith(_LOCKED),
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
