"""The embedder that comes with Olympus: loaded when first asked, one a process, off the event loop."""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from django.utils.translation import gettext as _

from apps.inference.contracts import Embeddings
from olympus.kernel.errors import LimitReached

if TYPE_CHECKING:
    from apps.inference.embedding.minilm import MiniLM

MODEL_NAME = "all-minilm-l6-v2"
DIMENSION = 384
# What the model was trained to read; the rest of a longer text is not looked at.
MOST_TOKENS = 256

# Calls that come this close together are computed together; nobody notices so short a wait.
_GATHER_S = 0.003
# A round takes some tenths of a second at most, so that a question waits little behind a library.
_ROUND_TEXTS = 32
# What each call may put into a round while others wait too.
_SHARE_TEXTS = 8
# Texts of all calls that may wait: some minutes of work. Who comes later is told to come again.
_MOST_WAITING = 20_000
_RETRY_AFTER_S = 10.0

_thread = ThreadPoolExecutor(1, thread_name_prefix="embedding")
_loaded: "list[MiniLM]" = []


@dataclass(frozen=True, slots=True)
class Embedded:
    """A text's vector, how many tokens were read, and whether the text was read whole and every word known."""

    vector: tuple[float, ...]
    token_count: int
    is_whole: bool


@dataclass(slots=True, eq=False)
class _Order:
    """One call's texts, as far as they are computed."""

    texts: Sequence[str]
    future: "asyncio.Future[list[Embedded]]"
    taken_count: int = 0
    results: list[Embedded] = field(default_factory=list)


class _Embedder:
    """Gathers the calls of one event loop into rounds."""

    def __init__(self) -> None:
        self._orders: deque[_Order] = deque()
        self._task: asyncio.Task[None] | None = None

    async def embed(self, texts: Sequence[str]) -> list[Embedded]:
        """Wait for the texts' vectors; a call that is cancelled gives up its place."""
        waiting = sum(len(order.texts) - order.taken_count for order in self._orders)
        if self._orders and waiting + len(texts) > _MOST_WAITING:
            raise LimitReached(_("Too many texts wait to be embedded. Try again soon."), retry_after_s=_RETRY_AFTER_S)
        order = _Order(texts, asyncio.get_running_loop().create_future())
        self._orders.append(order)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        try:
            return await order.future
        finally:
            if order in self._orders:
                self._orders.remove(order)

    async def _work(self) -> None:
        await asyncio.sleep(_GATHER_S)
        loop = asyncio.get_running_loop()
        while self._orders:
            taken = self._take()
            texts = [text for _, part in taken for text in part]
            try:
                results = iter(await loop.run_in_executor(_thread, _embed_now, texts))
            except Exception as error:  # noqa: BLE001 - raised again where the texts came from
                for order, _part in taken:
                    self._fail(order, error)
                continue
            for order, part in taken:
                order.results.extend(next(results) for _ in part)
                if len(order.results) == len(order.texts) and not order.future.done():
                    order.future.set_result(order.results)

    def _take(self) -> list[tuple[_Order, Sequence[str]]]:
        """A share of each call in turn until the round is full; a call alone fills it."""
        taken: list[tuple[_Order, Sequence[str]]] = []
        room = _ROUND_TEXTS
        share = _ROUND_TEXTS if len(self._orders) == 1 else _SHARE_TEXTS
        for _turn in range(len(self._orders)):
            if room == 0:
                break
            order = self._orders.popleft()
            part = order.texts[order.taken_count : order.taken_count + min(share, room)]
            order.taken_count += len(part)
            room -= len(part)
            taken.append((order, part))
            if order.taken_count < len(order.texts):
                self._orders.append(order)
        return taken

    def _fail(self, order: _Order, error: Exception) -> None:
        if order in self._orders:
            self._orders.remove(order)
        if not order.future.done():
            order.future.set_exception(error)


_embedders: WeakKeyDictionary[asyncio.AbstractEventLoop, _Embedder] = WeakKeyDictionary()


async def embed_here(texts: Sequence[str]) -> list[Embedded]:
    """This will embed texts on this machine's processor, in order.

    Raises:
        LimitReached: too many texts wait already.
    """
    if not texts:
        return []
    return await _embedders.setdefault(asyncio.get_running_loop(), _Embedder()).embed(texts)


async def embeddings_here(texts: Sequence[str]) -> Embeddings:
    """This will embed texts as a model server would. Raises: as `embed_here`."""
    results = await embed_here(texts)
    return Embeddings(
        MODEL_NAME, tuple(each.vector for each in results), prompt_tokens=sum(each.token_count for each in results)
    )


def _embed_now(texts: Sequence[str]) -> list[Embedded]:
    """In the one thread of the model."""
    if not _loaded:
        from apps.inference.embedding.minilm import MiniLM  # noqa: PLC0415 - 100 MB and half a second, and most processes never embed

        _loaded.append(MiniLM())
    [model] = _loaded
    tokens = model.tokens_of(texts)
    vectors = model.embed(tokens).tolist()
    return [Embedded(tuple(v), len(t.ids), t.is_whole) for v, t in zip(vectors, tokens, strict=True)]
