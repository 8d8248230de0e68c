"""How often an answer was found: counted in memory, told to Valkey once a second, kept a week by day."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from threading import Lock
from time import monotonic
from uuid import UUID

from django.utils import timezone

from apps.inference.caching.bounded import AWAY, availability
from apps.inference.caching.threads import soon
from olympus.kernel.metrics import note_cache
from olympus.kernel.valkey import valkey

_TELL_S = 1.0
_DAYS = 7
_KEPT_S = (_DAYS + 1) * 24 * 3600


class Found(StrEnum):
    """How a call's answer was found."""

    EXACT = "exact"
    SHARED = "shared"
    SEMANTIC = "semantic"
    MISS = "miss"
    BYPASS = "bypass"


_METRIC = {Found.MISS: "miss", Found.BYPASS: "bypass", Found.SEMANTIC: "semantic"}


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of the last days. A call that asks for no stored answer, or may get none, is a bypass."""

    exact_count: int = 0
    shared_count: int = 0
    semantic_count: int = 0
    miss_count: int = 0
    bypass_count: int = 0
    saved_tokens: int = 0

    @property
    def hit_count(self) -> int:
        """Calls answered without asking a model."""
        return self.exact_count + self.shared_count + self.semantic_count

    @property
    def hit_rate(self) -> float | None:
        """Their share of all calls an answer was looked for; None if there was none."""
        looked = self.hit_count + self.miss_count
        return self.hit_count / looked if looked else None


_counts: Counter[tuple[UUID, str]] = Counter()
_lock = Lock()
_is_told_at = 0.0


def count(organization_id: UUID, found: Found, *, saved_tokens: int = 0) -> None:
    """This will count one call; call it in a running loop."""
    note_cache(_METRIC.get(found, "hit"))
    global _is_told_at
    with _lock:
        _counts[(organization_id, found.value)] += 1
        if saved_tokens:
            _counts[(organization_id, "saved_tokens")] += saved_tokens
    if (now := monotonic()) > _is_told_at:
        _is_told_at = now + _TELL_S
        asyncio.get_running_loop().call_later(_TELL_S, soon, tell)


def tell() -> None:
    """This will add what was counted to what Valkey knows; while Valkey is away it is counted on."""
    with _lock:
        news, today = dict(_counts), timezone.now().date()
        _counts.clear()
    if not news:
        return
    try:
        pipeline = valkey().pipeline(transaction=False)
        for (organization_id, field), number in news.items():
            pipeline.hincrby(_key(organization_id, today), field, number)
        for organization_id in {organization_id for organization_id, _ in news}:
            pipeline.expire(_key(organization_id, today), _KEPT_S)
        pipeline.execute()
    except AWAY:
        availability.failed("the cache's numbers come later")
        with _lock:
            _counts.update(news)


def tally_of(organization_id: UUID, *, days: int = _DAYS) -> Tally:
    """This will sum an organization's counts of today and the days before; nothing while Valkey is away."""
    tell()
    today = timezone.now().date()
    sums: Counter[str] = Counter()
    if availability.is_up:
        try:
            pipeline = valkey().pipeline(transaction=False)
            for back in range(days):
                pipeline.hgetall(_key(organization_id, today - timedelta(days=back)))
            for counted in pipeline.execute():
                sums.update({field.decode(): int(number) for field, number in counted.items()})
        except AWAY:
            availability.failed("the cache's numbers cannot be read")
    return Tally(**{f"{found.value}_count": sums[found.value] for found in Found}, saved_tokens=sums["saved_tokens"])


def _key(organization_id: UUID, day: date) -> str:
    return f"cache:tally:{organization_id.hex}:{day:%Y%m%d}"
