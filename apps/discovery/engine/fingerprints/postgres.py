"""PostgreSQL, by its answer to "shall we encrypt by GSSAPI?": who goes away after it leaves no line in the log.

After the same question about TLS it would be one, "could not accept SSL connection", each time. Source:
github.com/postgres/postgres, src/backend/tcop/backend_startup.c and libpq/be-secure-gssapi.c.
"""

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, Sign
from apps.discovery.engine.wire import Answer, Answers, Probe

ENCRYPTION_REQUEST = Probe("TCP", "GSSENCRequest", raw=bytes.fromhex("0000000804d21630"))
# "Feature not supported": what versions before 12 say, which do not know the question.
_OLD = b"C0A000\0"


def _one_letter(answer: Answer) -> str:
    if answer.body.startswith(b"E") and _OLD in answer.body:
        return "0A000"
    return answer.body.decode() if answer.body in {b"G", b"N"} else ""


def _read(answers: Answers) -> Reading:
    return Reading(needs_key=True)


FINGERPRINT = Fingerprint(
    kind=ServiceKind.POSTGRES,
    ports=(5432,),
    signs=((Sign(ENCRYPTION_REQUEST, _one_letter, 0.8),),),
    read=_read,
    watch=(ENCRYPTION_REQUEST,),
    alive=(Sign(ENCRYPTION_REQUEST, _one_letter),),
)
