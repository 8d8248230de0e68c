"""All sources by name, and asking them at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from django.utils.translation import gettext as _

from apps.discovery.contracts import Candidate
from apps.discovery.engine.identity import plain_host
from apps.discovery.sources import (
    configured,
    containers,
    environment,
    labels,
    listeners,
    loopback,
    mcp_config,
    mdns,
    networks,
)
from apps.discovery.sources.context import Named, Problem, SourceContext

logger = logging.getLogger(__name__)

Place = tuple[str, int, str, tuple[str, ...]]
Source = Callable[[SourceContext], Awaitable[Named]]

# In this order a place that several sources name is taken from the first: from who knows it best.
SOURCES: dict[str, Source] = {
    configured.NAME: configured.candidates,
    environment.NAME: environment.candidates,
    labels.NAME: labels.candidates,
    mcp_config.NAME: mcp_config.candidates,
    listeners.NAME: listeners.candidates,
    loopback.NAME: loopback.candidates,
    containers.NAME: containers.candidates,
    mdns.NAME: mdns.candidates,
    networks.NAME: networks.candidates,
}
# The slowest, mDNS, takes two seconds; what hangs is left behind.
LIMIT_S = 5.0


async def gather_candidates(
    context: SourceContext, names: Collection[str] | None = None, *, limit_s: float = LIMIT_S
) -> Named:
    """This will ask the named sources, all by default, and put together what they name, each place once.

    A source that fails or takes too long is a problem and holds up no other. Hosts of granted networks are made while
    the candidates are read, once.
    """
    chosen = {name: ask for name, ask in SOURCES.items() if names is None or name in names}
    answers = await asyncio.gather(*(_ask(name, ask, context, limit_s) for name, ask in chosen.items()))
    return Named(
        candidates=each_place_once(answer.candidates for answer in answers),
        problems=tuple(problem for answer in answers for problem in answer.problems),
    )


async def _ask(name: str, ask: Source, context: SourceContext, limit_s: float) -> Named:
    try:
        async with asyncio.timeout(limit_s):
            return await ask(context)
    except TimeoutError:
        return Named(problems=(Problem(name, _("This source took too long.")),))
    except Exception:
        logger.exception("source failed", extra={"source": name})
        return Named(problems=(Problem(name, _("This source failed; the log says why.")),))


def each_place_once(answers: Iterable[Iterable[Candidate]]) -> Iterator[Candidate]:
    """This will pass on each place and each program once, with what all sources that know it tell of it.

    Lists come first and are put together; candidates that are made while they are read follow one by one.
    """
    known: dict[Place, Candidate] = {}
    lazy: list[Iterable[Candidate]] = []
    for answer in answers:
        if not isinstance(answer, list):
            lazy.append(answer)
            continue
        for candidate in answer:
            first = known.setdefault(_place(candidate), candidate)
            known[_place(candidate)] = _together(first, candidate)
    yield from known.values()
    seen = set(known)
    for candidate in chain.from_iterable(lazy):
        if _place(candidate) not in seen:
            seen.add(_place(candidate))
            yield candidate


def _place(candidate: Candidate) -> Place:
    return plain_host(candidate.host), candidate.port, candidate.path, candidate.command


def _together(first: Candidate, other: Candidate) -> Candidate:
    """The first, with what only another source knows: how it listens, and what it is likely to be."""
    return replace(first, kind=first.kind or other.kind, listens_on=first.listens_on or other.listens_on)
