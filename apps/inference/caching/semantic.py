"""The semantic store: answers by the meaning of their question, found by an exact scan of one scope."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import DatabaseError
from django.utils import timezone
from pgvector.django import CosineDistance

from apps.inference.caching.answers import Answer
from apps.inference.embedding.local import DIMENSION, MODEL_NAME, embed_here
from apps.inference.engine.cache_keys import Question, agree
from apps.inference.models import SemanticAnswer
from olympus.kernel.db import in_thread
from olympus.kernel.errors import LimitReached
from olympus.kernel.text import clean_data

logger = logging.getLogger(__name__)

# Rows of one scope that are compared: the newest. A scan of so many takes about 2 ms.
_MOST_SCANNED = 2000
# Rows of one organization that are kept; the beat task removes the oldest past them.
_MOST_KEPT = 50_000
# A question is a sentence or two; what is longer is a document with a question in it.
_MOST_CHARACTERS = 1000
_CANDIDATES = 5
_keeping: set[asyncio.Task[None]] = set()


class _Kept(msgspec.Struct):
    """What a row holds: the question, to compare its words, and the answer."""

    question: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Sight:
    """What a search by meaning found; `vector` is the question's, to keep its answer by."""

    answer: Answer | None = None
    vector: Sequence[float] | None = None


async def similar_answer(organization_id: UUID, question: Question, *, threshold: float) -> Sight:
    """This will find the answer to a question that means the same; none either if the database or embedder is busy."""
    vector = await _vector_of(question)
    if vector is None:
        return Sight()
    try:
        return Sight(await in_thread(_find, organization_id, question, vector, threshold), vector)
    except DatabaseError as error:
        logger.warning("similar questions cannot be looked for: %s", type(error).__name__)
        return Sight()


def keep_similar_soon(organization_id: UUID, question: Question, sight: Sight, answer: Answer, *, ttl_s: int) -> None:
    """This will keep an answer by its question's meaning; nobody waits for it."""
    task = asyncio.create_task(_keep_similar(organization_id, question, sight, answer, ttl_s))
    _keeping.add(task)
    task.add_done_callback(_keeping.discard)


async def _keep_similar(organization_id: UUID, question: Question, sight: Sight, answer: Answer, ttl_s: int) -> None:
    vector = sight.vector or await _vector_of(question)
    if vector is None:
        return
    try:
        await in_thread(_keep, organization_id, question, vector, answer, ttl_s)
    except DatabaseError as error:
        logger.warning("an answer cannot be kept by its meaning: %s", type(error).__name__)


def forget_expired(now: datetime) -> int:
    """This will remove rows whose time is over, and the oldest of organizations with too many."""
    gone, _ = SemanticAnswer.objects.filter(expires_at__lte=now).delete()
    for organization_id in SemanticAnswer.objects.order_by().values_list("organization_id", flat=True).distinct():
        rows = SemanticAnswer.objects.filter(organization_id=organization_id).order_by("-id")
        first_too_many = rows.values_list("pk", flat=True)[_MOST_KEPT : _MOST_KEPT + 1].first()
        if first_too_many is not None:
            gone += rows.filter(pk__lte=first_too_many).delete()[0]
    return gone


def forget_all(organization_id: UUID) -> int:
    """This will remove all rows of an organization."""
    return SemanticAnswer.objects.filter(organization_id=organization_id).delete()[0]


def kept_count(organization_id: UUID, now: datetime) -> int:
    """This will count the rows of an organization that may be found."""
    return SemanticAnswer.objects.filter(organization_id=organization_id, expires_at__gt=now).count()


async def _vector_of(question: Question) -> Sequence[float] | None:
    """Words the embedder does not know look all the same to it, and what it cuts off is not compared."""
    if len(question.text) > _MOST_CHARACTERS:
        return None
    try:
        [embedded] = await embed_here([question.text])
    except LimitReached:
        return None
    return embedded.vector if embedded.is_whole else None


def _find(organization_id: UUID, question: Question, vector: Sequence[float], threshold: float) -> Answer | None:
    newest = (
        SemanticAnswer.objects.filter(
            organization_id=organization_id,
            scope=question.scope,
            embedding_model=MODEL_NAME,
            dimension=DIMENSION,
            expires_at__gt=timezone.now(),
        )
        .order_by("-expires_at")
        .values("pk")[:_MOST_SCANNED]
    )
    nearest = (
        SemanticAnswer.objects.filter(pk__in=newest)
        .annotate(distance=CosineDistance("vector", list(vector)))
        .filter(distance__lte=1 - threshold)
        .order_by("distance")
        .values_list("answer", flat=True)[:_CANDIDATES]
    )
    for content in nearest:
        try:
            kept = msgspec.convert(content, _Kept)
        except msgspec.ValidationError:
            continue  # another version of Olympus wrote it
        if agree(kept.question, question.text):
            return kept.answer
    return None


def _keep(organization_id: UUID, question: Question, vector: Sequence[float], answer: Answer, ttl_s: int) -> None:
    SemanticAnswer.objects.create(
        organization_id=organization_id,
        scope=question.scope,
        model=answer.model[:200],
        embedding_model=MODEL_NAME,
        dimension=DIMENSION,
        vector=list(vector),
        answer=clean_data(msgspec.to_builtins(_Kept(question.text, answer))),
        expires_at=timezone.now() + timedelta(seconds=ttl_s),
    )
