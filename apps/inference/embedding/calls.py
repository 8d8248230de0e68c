"""Embedding texts for whoever asks: what is known is not computed again, the rest goes to a server or stays here."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from apps.inference.calling.charging import counted
from apps.inference.contracts import Caller, Capability, Embeddings, ModelChoice, ProviderKind
from apps.inference.embedding.local import embeddings_here
from apps.inference.embedding.vectors import Vector, keep_vectors, known_vectors
from apps.inference.engine.counting import count_tokens
from apps.inference.engine.failing import may_be_mended, most_helpful
from apps.inference.engine.pricing import Consumed
from apps.inference.errors import MalformedStream, ModelNotFound
from apps.inference.pool import Need, backends_of, begin, rank
from olympus.kernel.errors import Invalid, OlympusError
from olympus.kernel.text import clean_text

# OpenAI's own limit of texts a call; the bytes are some 500 pages.
MOST_TEXTS = 2048
MOST_BYTES = 4 * 1024 * 1024
# What a server is given at once: small enough to answer before anything loses patience.
_BATCH_TEXTS = 128


@dataclass(slots=True)
class _Made:
    """Who embedded, and what it took."""

    provider_id: UUID | None = None
    provider_name: str = ""
    token_count: int = 0


async def charged_embeddings(caller: Caller, choice: ModelChoice, texts: Sequence[str]) -> Embeddings:
    """This will embed texts, in order, and charge the tokens that were read for it; known texts cost nothing.

    Raises:
        Invalid: the model does not embed, or these are too many texts or too long ones.
        LimitReached: a budget does not allow the call, or too much waits.
        ModelError: no server could.
    """
    texts = checked(choice, texts)
    estimate = Consumed(input_tokens=sum(count_tokens(text) for text in texts))
    async with counted(caller, Capability.EMBEDDINGS.value, choice.model, estimate) as bill:
        embeddings, made = await embedded(caller.organization_id, choice, texts)
        is_known = not made.provider_name
        bill.answered_by(choice.model, made.provider_id, made.provider_name, cache="exact" if is_known else "")
        bill.used(Consumed(input_tokens=embeddings.prompt_tokens))
    return embeddings


async def embedded(organization_id: UUID, choice: ModelChoice, texts: Sequence[str]) -> tuple[Embeddings, _Made]:
    """This will embed checked texts and tell who did; the same text twice is computed once."""
    different = list(dict.fromkeys(texts))
    known = await known_vectors(organization_id, choice.model, different)
    vectors = {text: vector for text, vector in zip(different, known, strict=True) if vector is not None}
    made = _Made()
    missing = [text for text in different if text not in vectors]
    if missing:
        fresh = await _compute(organization_id, choice, missing, made)
        if vectors and _dimension(fresh) != _dimension(vectors):
            # The server has another model of this name by now: what was known is of the old one.
            fresh |= await _compute(organization_id, choice, list(vectors), made)
        vectors |= fresh
        keep_vectors(organization_id, choice.model, fresh)
    tokens = made.token_count or sum(count_tokens(text) for text in missing)
    _dimension(vectors)
    return Embeddings(choice.model, tuple(vectors[text] for text in texts), tokens), made


def checked(choice: ModelChoice, texts: Sequence[str]) -> list[str]:
    """This will give the texts as they can be embedded.

    Raises:
        Invalid: the model does not embed, or these are too many texts or too long ones.
    """
    if Capability.EMBEDDINGS not in choice.capabilities:
        raise Invalid(_("%(model)s does not embed; choose another model.") % {"model": choice.label}, field="model")
    if len(texts) > MOST_TEXTS:
        raise Invalid(_("Send at most %(n)s texts at once.") % {"n": MOST_TEXTS}, field="input")
    texts = [clean_text(text) for text in texts]
    if sum(len(text.encode()) for text in texts) > MOST_BYTES:
        raise Invalid(_("Send at most %(n)s MB of text at once.") % {"n": MOST_BYTES >> 20}, field="input")
    return texts


async def _compute(organization_id: UUID, choice: ModelChoice, texts: Sequence[str], made: _Made) -> dict[str, Vector]:
    vectors: dict[str, Vector] = {}
    if choice.kind is ProviderKind.BUILTIN:
        answer = await embeddings_here(texts)
        _note(vectors, texts, answer)
        made.provider_name, made.token_count = choice.provider_name, made.token_count + answer.prompt_tokens
        return vectors
    for start in range(0, len(texts), _BATCH_TEXTS):
        batch = texts[start : start + _BATCH_TEXTS]
        _note(vectors, batch, await _ask_servers(organization_id, choice, batch, made))
    return vectors


async def _ask_servers(organization_id: UUID, choice: ModelChoice, texts: Sequence[str], made: _Made) -> Embeddings:
    """The servers that have this very model, in turn; never another model, whose vectors would be of another space."""
    found = await backends_of(organization_id, choice.model, choice.provider_id)
    capable = [backend for backend in found if Capability.EMBEDDINGS in backend.info.capabilities]
    if not capable:
        raise ModelNotFound
    errors: list[OlympusError] = []
    for backend in rank(capable, Need(frozenset({Capability.EMBEDDINGS}))).backends:
        ticket = begin(backend)
        try:
            answer = await backend.client.embed(backend.info.name, texts)
        except OlympusError as error:
            ticket.end(error)
            if not may_be_mended(error):
                raise
            errors.append(error)
        except BaseException:
            ticket.end()
            raise
        else:
            ticket.first_token()
            ticket.end()
            made.provider_id, made.provider_name = backend.provider_id, backend.name
            made.token_count += answer.prompt_tokens
            return answer
    raise most_helpful(errors)


def _note(vectors: dict[str, Vector], texts: Sequence[str], answer: Embeddings) -> None:
    if len(answer.vectors) != len(texts):
        raise MalformedStream(_("The model server sent another number of vectors than there are texts."))
    vectors.update(zip(texts, answer.vectors, strict=True))


def _dimension(vectors: dict[str, Vector]) -> int:
    dimensions = {len(vector) for vector in vectors.values()}
    if len(dimensions) > 1:
        raise MalformedStream(_("The model server sent vectors of different lengths."))
    return next(iter(dimensions), 0)
