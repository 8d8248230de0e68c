"""Which product answered: what to ask first, when it is settled, and what a finding says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from apps.discovery.contracts import STORES, Evidence, Risk, ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, Sign
from apps.discovery.engine.fingerprints import HTTP, olympus, vllm
from apps.discovery.engine.listing import V1_MODELS
from apps.discovery.engine.wire import NONE, Answer, Answers, Probe

# Below this a guess is worth no card.
LEAST_CONFIDENCE = 0.4
# Below this the card says so.
_CERTAIN = 0.8
# Settled by the first request alone: nobody else names these as the owner of a model.
_SETTLED_AT_ONCE = frozenset({ServiceKind.OLYMPUS, ServiceKind.VLLM, ServiceKind.SGLANG, ServiceKind.LLAMACPP})
# Nobody imitates the signs of these; of two at once, one is untrue.
_EXCLUSIVE = frozenset(
    {
        ServiceKind.LOCALAI,
        ServiceKind.TGI,
        ServiceKind.LM_STUDIO,
        ServiceKind.LITELLM,
        ServiceKind.MODEL_RUNNER,
        ServiceKind.VLLM,
        ServiceKind.SGLANG,
        ServiceKind.LLAMACPP,
        ServiceKind.SEARXNG,
    }
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A product whose signs showed."""

    fingerprint: Fingerprint
    signs: tuple[Sign, ...]
    confidence: float

    def evidence(self, answers: Answers) -> tuple[Evidence, ...]:
        """This will quote what told."""
        return tuple(Evidence(sign.probe.name, sign.shows(answers[sign.probe.name])) for sign in self.signs)


def guess_of(fingerprint: Fingerprint, answers: Answers) -> Guess | None:
    """This will tell whether a product's signs show in the answers."""
    for signs in fingerprint.signs:
        if all(sign.shows(answers.get(sign.probe.name, NONE)) for sign in signs):
            return Guess(fingerprint, signs, min(sign.confidence for sign in signs))
    return None


def best_guess(answers: Answers, fingerprints: Sequence[Fingerprint] = HTTP) -> Guess | None:
    """This will return the first product whose signs show, in the order they are given."""
    return next((guess for each in fingerprints if (guess := guess_of(each, answers))), None)


def settled(answers: Answers) -> Guess | None:
    """This will return the product if the first answer alone settles it."""
    guess = best_guess(answers)
    return guess if guess and guess.fingerprint.kind in _SETTLED_AT_ONCE else None


def burst(answers: Answers) -> tuple[Probe, ...]:
    """This will list what else must be asked to tell the products apart."""
    asked = {sign.probe.name: sign.probe for each in HTTP for signs in each.signs for sign in signs}
    is_locked = answers.get(V1_MODELS.name, NONE).status in {401, 403}
    leave = set(answers) | (set() if is_locked else {vllm.METRICS.name})
    return tuple(probe for name, probe in asked.items() if name not in leave)


def is_told(guess: Guess, answers: Answers) -> bool:
    """This will tell whether a guess can be kept: that it is none of the other products takes all their answers."""
    return guess.fingerprint.kind is not ServiceKind.OPENAI or not any(each.failure for each in answers.values())


def rivals_of(guess: Guess, answers: Answers) -> int:
    """This will count the other products whose own signs show too; an honest server is one thing."""
    if guess.fingerprint.kind not in _EXCLUSIVE:
        return 0
    others = (each for each in HTTP if each.kind in _EXCLUSIVE and each.kind is not guess.fingerprint.kind)
    return sum(guess_of(each, answers) is not None for each in others)


def doubted(guess: Guess) -> Guess:
    """This will leave a guess as little confidence as a card can have."""
    return replace(guess, confidence=min(guess.confidence, LEAST_CONFIDENCE))


def is_own(answer: Answer, instance: str) -> bool:
    """This will tell whether it is this very installation that answered."""
    return bool(instance) and olympus.instance_in(answer) == instance


def is_liar(guess: Guess, control: Answer) -> bool:
    """This will tell whether the server shows the same signs where nobody has anything: it says that to all.

    One that has no answer in HTTP for such a place cannot be told from a liar.
    """
    if control.status == 0:
        return True
    if guess.fingerprint.kind is ServiceKind.OLYMPUS or control.status in {401, 403}:
        return False  # the header is on every answer, and a lock before every path, as it should be
    return any(sign.shows(control) for sign in guess.signs if not _is_header(sign))


def _is_header(sign: Sign) -> bool:
    return bool(sign.shows(Answer(404, {"server": "llama.cpp"})))


def risks_of(guess: Guess, reading: Reading, *, scheme: str, is_loopback: bool, listens_on: str) -> tuple[Risk, ...]:
    """This will list what the owner should know."""
    kind = guess.fingerprint.kind
    checks = (
        (Risk.NO_KEY, not reading.needs_key and kind is not ServiceKind.SEARXNG),
        (Risk.SELF_NAMED, reading.is_self_named),
        (Risk.ALL_ADDRESSES, listens_on in {"0.0.0.0", "::", "*"}),  # noqa: S104 - read, not bound
        (Risk.NOT_ENCRYPTED, not is_loopback and scheme != "https" and kind not in STORES),
        (Risk.UNCERTAIN, guess.confidence < _CERTAIN),
    )
    return tuple(risk for risk, is_so in checks if is_so)


def unasked(probes: Iterable[Probe], answers: Answers) -> tuple[Probe, ...]:
    """This will leave out what was answered already."""
    return tuple(probe for probe in probes if probe.name not in answers)
