"""SearXNG. Source: github.com/searxng/searxng, searx/webapp.py and templates/simple/base.html.

Its /config is far larger than a scan reads, so the page's generator tells, and with it the version.
"""

import re

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, Sign
from apps.discovery.engine.listing import is_locked
from apps.discovery.engine.wire import Answer, Answers, answer_to, get, short_text

ROOT = get("/")
_GENERATOR = re.compile(r'<meta name="generator" content="searxng(?:/([\w.+-]{1,60}))?"', re.IGNORECASE)


def _generator(answer: Answer) -> str:
    found = _GENERATOR.search(answer.text) if answer.status == 200 else None
    return short_text(found[0], 120) if found else ""


def _read(answers: Answers) -> Reading:
    found = _GENERATOR.search(answer_to(answers, ROOT).text)
    return Reading(
        version=short_text(found[1] if found else "", 60),
        capabilities=frozenset({"search"}),
        needs_key=is_locked(answers, ROOT),
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.SEARXNG,
    ports=(8080, 8888),
    signs=((Sign(ROOT, _generator),),),
    read=_read,
    watch=(ROOT,),
    alive=(Sign(ROOT, _generator),),
)
