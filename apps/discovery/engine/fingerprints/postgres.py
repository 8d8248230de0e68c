"""PostgreSQL, by its answer to "do you speak TLS?", which leaves no failed log-in in its log.

Source: postgresql.org/docs, "Frontend/Backend Protocol", SSLRequest.
"""

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, Sign
from apps.discovery.engine.wire import Answer, Answers, Probe

SSL_REQUEST = Probe("TCP", "SSLRequest", raw=bytes.fromhex("0000000804d2162f"))


def _one_letter(answer: Answer) -> str:
    return answer.body.decode() if answer.body in {b"S", b"N"} else ""


def _read(answers: Answers) -> Reading:
    return Reading(needs_key=True)


FINGERPRINT = Fingerprint(
    kind=ServiceKind.POSTGRES,
    ports=(5432,),
    signs=((Sign(SSL_REQUEST, _one_letter, 0.8),),),
    read=_read,
    watch=(SSL_REQUEST,),
    alive=(Sign(SSL_REQUEST, _one_letter),),
)
