"""Embedding texts for whoever asks: what is known is not computed again, the rest goes to a server or stays here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from apps.inference.calling.asking import ask_in_turn, servers_that_can
from apps.inference.calling.charging import counted
from apps.inference.contracts import Caller, Capability, Embeddings, ModelChoice, ProviderKind
from apps.inference.embedding.choosing import EMBEDDER
from apps.inference.embedding.local import embeddings_here
from apps.inference.embedding.vectors import Vector, keep_vectors, known_vectors
from apps.inference.engine.counting import count_tokens
from apps.inference.engine.pricing import Consumed
from apps.inference.errors import MalformedStream
from apps.inference.pool import Backend
from olympus.kernel.errors import Invalid
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
    texts = _checked(choice, texts)
    estimate = Consumed(input_tokens=sum(count_tokens(text) for text in texts))
    async with counted(caller, Capability.EMBEDDINGS.value, choice.model, estimate) as bill:
        embeddings, made = await _embedded(caller.organization_id, choice, texts)
        is_known = not made.provider_name
        bill.answered_by(choice.model, made.provider_id, made.provider_name, cache="exact" if is_known else "")
        bill.used(Consumed(input_tokens=embeddings.prompt_tokens), is_estimated=not made.token_count)
    return embeddings


async def _embedded(organization_id: UUID, choice: ModelChoice, texts: Sequence[str]) -> tuple[Embeddings, _Made]:
    """The same text twice is computed once."""
    servers = [] if choice.kind is ProviderKind.BUILTIN else await _servers_of(organization_id, choice)
    # A model that was pulled anew is another one: what it makes cannot be compared with what was kept before.
    model = f"{choice.model}@{_digest_of(servers)}"
    different = list(dict.fromkeys(texts))
    known = await known_vectors(organization_id, model, different)
    vectors = {text: vector for text, vector in zip(different, known, strict=True) if vector is not None}
    if len(_lengths(vectors)) > 1:
        vectors.clear()  # kept of two models of this name, on servers that tell no digest
    made = _Made()
    missing = [text for text in different if text not in vectors]
    if missing:
        fresh = await _compute(servers, missing, made)
        if vectors and _lengths(fresh) != _lengths(vectors):
            # The server has another model of this name by now: what was known is of the old one.
            fresh |= await _compute(servers, list(vectors), made)
        if len(_lengths(fresh)) > 1:
            raise MalformedStream(_("The model server sent vectors of different lengths."))
        vectors |= fresh
        keep_vectors(organization_id, model, fresh)
    tokens = made.token_count or sum(count_tokens(text) for text in missing)
    return Embeddings(choice.model, tuple(vectors[text] for text in texts), tokens), made


def _checked(choice: ModelChoice, texts: Sequence[str]) -> list[str]:
    if Capability.EMBEDDINGS not in choice.capabilities:
        raise Invalid(_("%(model)s does not embed; choose another model.") % {"model": choice.label}, field="model")
    if len(texts) > MOST_TEXTS:
        raise Invalid(_("Send at most %(n)s texts at once.") % {"n": MOST_TEXTS}, field="input")
    texts = [clean_text(text) for text in texts]
    if sum(len(text.encode()) for text in texts) > MOST_BYTES:
        raise Invalid(_("Send at most %(n)s MB of text at once.") % {"n": MOST_BYTES >> 20}, field="input")
    return texts


async def _servers_of(organization_id: UUID, choice: ModelChoice) -> list[Backend]:
    """The servers that have this very model; never another one, not even of its name: its vectors are of another space.

    Where servers tell different digests the one that was added first says which model it is.
    """
    servers = await servers_that_can(organization_id, choice, Capability.EMBEDDINGS)
    return [server for server in servers if server.info.digest in {"", _digest_of(servers)}]


def _digest_of(servers: Sequence[Backend]) -> str:
    return next((server.info.digest for server in servers if server.info.digest), "")


async def _compute(servers: Sequence[Backend], texts: Sequence[str], made: _Made) -> dict[str, Vector]:
    if not servers:
        answer = await embeddings_here(texts)
        made.provider_name, made.token_count = EMBEDDER.provider_name, made.token_count + answer.prompt_tokens
        return dict(zip(texts, answer.vectors, strict=True))
    vectors: dict[str, Vector] = {}
    for start in range(0, len(texts), _BATCH_TEXTS):
        batch = texts[start : start + _BATCH_TEXTS]
        vectors.update(zip(batch, (await _asked(servers, batch, made)).vectors, strict=True))
    return vectors


async def _asked(servers: Sequence[Backend], texts: Sequence[str], made: _Made) -> Embeddings:
    asked = await ask_in_turn(
        servers, Capability.EMBEDDINGS, lambda server: server.client.embed(server.info.name, texts)
    )
    asked.ticket.end()
    made.provider_id, made.provider_name = asked.backend.provider_id, asked.backend.name
    made.token_count += asked.answer.prompt_tokens
    return asked.answer


def _lengths(vectors: Mapping[str, Vector]) -> set[int]:
    return {len(vector) for vector in vectors.values()}
