"""Finding out what answers at a place: what is asked when, and when to stop."""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading
from apps.discovery.engine.fingerprints import RAW, mcp, openai
from apps.discovery.engine.listing import V1_MODELS
from apps.discovery.engine.matching import (
    LEAST_CONFIDENCE,
    Guess,
    best_guess,
    burst,
    doubted,
    is_liar,
    is_own,
    is_told,
    rivals_of,
    settled,
    unasked,
)
from apps.discovery.engine.wire import Answer, Answers, Probe, get
from apps.discovery.scanning.places import Place

# A server that leaves two requests unanswered will leave the rest so.
_PATIENCE = 2
# A server that answers at once is asked over two connections, a slow one over four: each costs a turn of the scan.
_QUICK_MS = 100.0
# Who has said nothing for this long may be waiting to be spoken to in another protocol.
_HESITATION_S = 0.5
_RAW_PORTS = frozenset(port for fingerprint in RAW for port in fingerprint.ports)
_RAW_KINDS = frozenset(fingerprint.kind for fingerprint in RAW)


class Asker(Protocol):
    """Sends a probe to a place and brings its answer."""

    async def ask(self, place: Place, probe: Probe, key: str = "") -> Answer:
        """Ask; what goes wrong is in the answer."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a place once a product is recognized."""

    guess: Guess
    reading: Reading
    answers: Answers


class Conversation:
    """What was asked of one place and what it said."""

    def __init__(self, asker: Asker, place: Place, key: str = "") -> None:
        self.place = place
        self.answers: dict[str, Answer] = {}
        self.asker = asker
        self._key = key
        self._patience = _PATIENCE
        self._width = asyncio.Semaphore(2)

    async def ask(self, *probes: Probe) -> None:
        """This will ask what was not asked yet, side by side, until patience ends."""
        await asyncio.gather(*(self._ask_one(probe) for probe in unasked(probes, self.answers)))

    async def _ask_one(self, probe: Probe) -> None:
        async with self._width:
            if self._patience <= 0:
                return
            answer = await self.asker.ask(self.place, probe, self._key)
        self._patience -= answer.failure in {"timeout", "unreachable"}
        self.answers[probe.name] = answer

    def forget_failures(self) -> None:
        """This will let be asked again what had no answer."""
        self._patience = _PATIENCE
        self.answers = {name: answer for name, answer in self.answers.items() if not answer.failure}

    def widen(self) -> None:
        """This will ask twice as much side by side from here on."""
        self._width.release()
        self._width.release()

    async def read(self, fingerprint: Fingerprint, *first: Probe) -> Reading:
        """This will ask for a product's details and read them."""
        await self.ask(*first, *fingerprint.details)
        await self.ask(*fingerprint.more(self.answers))
        return fingerprint.read(self.answers)


async def recognize(asker: Asker, place: Place, instance: str) -> Known | None:
    """This will find out which product is at a place, None if it is none, is lying, or is this very Olympus."""
    talk = Conversation(asker, place)
    kind, port = place.candidate.kind, place.candidate.port
    is_raw_first = kind in _RAW_KINDS or (kind is None and port in _RAW_PORTS)
    guess = await _raw(talk) if is_raw_first else None
    if guess is None:
        guess = await _both(talk, instance)
    return await _known(talk, guess) if guess else None


async def _both(talk: Conversation, instance: str) -> Guess | None:
    """HTTP, and where it stays silent the protocols that are none, without waiting for the silence to end."""
    http = asyncio.ensure_future(_http(talk, instance))
    try:
        await asyncio.wait([http], timeout=_HESITATION_S)
        was_tried = any(probe.name in talk.answers for probe in _probes(RAW))
        if was_tried or not _is_silent(talk):
            return await http
        raw = Conversation(talk.asker, talk.place)
        guess = await _raw(raw)
        talk.answers |= raw.answers
        return guess or await http
    finally:
        http.cancel()
        await asyncio.gather(http, return_exceptions=True)


def _is_silent(talk: Conversation) -> bool:
    """Whether no request in HTTP had an answer in HTTP."""
    return not any(answer.status for answer in talk.answers.values())


async def _raw(talk: Conversation) -> Guess | None:
    await talk.ask(*_probes(RAW))
    return best_guess(talk.answers, RAW)


async def _http(talk: Conversation, instance: str) -> Guess | None:
    if talk.place.candidate.kind is ServiceKind.MCP and (guess := await _mcp(talk)):
        return guess
    await talk.ask(V1_MODELS)
    first = talk.answers.get(V1_MODELS.name, Answer())
    if first.status == 0 or is_own(first, instance):
        return None
    guess = settled(talk.answers)
    if guess is None:
        if first.latency_ms > _QUICK_MS:
            talk.widen()
        guess = await _told_apart(talk)
    if guess is None or guess.confidence < 2 * LEAST_CONFIDENCE:
        guess = await _mcp(talk) or guess
    return guess


async def _told_apart(talk: Conversation) -> Guess | None:
    """Ask what tells the products apart, and once more what had no answer: a busy server drops one now and then."""
    await talk.ask(*burst(talk.answers))
    guess = best_guess(talk.answers)
    if guess is not None and not is_told(guess, talk.answers):
        talk.forget_failures()
        await talk.ask(*burst(talk.answers))
        guess = best_guess(talk.answers)
    return guess if guess and is_told(guess, talk.answers) else None


async def _mcp(talk: Conversation) -> Guess | None:
    fingerprint = mcp.fingerprint_at(talk.place.mcp_path)
    for probe in _probes([fingerprint]):
        await talk.ask(probe)
        if guess := best_guess(talk.answers, [fingerprint]):
            return guess
    return None


def _probes(fingerprints: Iterable[Fingerprint]) -> tuple[Probe, ...]:
    asked = {sign.probe.name: sign.probe for each in fingerprints for signs in each.signs for sign in signs}
    return tuple(asked.values())


async def _known(talk: Conversation, guess: Guess) -> Known | None:
    if guess.fingerprint.kind in _RAW_KINDS:
        return Known(guess, await talk.read(guess.fingerprint), talk.answers)
    # Nobody has anything at a path made up just now; who shows the same there says it to all.
    control = get(f"/{secrets.token_hex(8)}")
    reading = await talk.read(guess.fingerprint, control)
    if is_liar(guess, talk.answers.get(control.name, Answer())):
        return None
    if rivals_of(guess, talk.answers):
        return _plain_openai(talk)
    return Known(guess, reading, talk.answers)


def _plain_openai(talk: Conversation) -> Known | None:
    """What is left of a server that says it is several products: the list of models, if it has one, and doubt."""
    guess = best_guess(talk.answers, [openai.FINGERPRINT])
    return Known(doubted(guess), guess.fingerprint.read(talk.answers), talk.answers) if guess else None
