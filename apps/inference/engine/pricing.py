"""What a call costs, from a table of prices: whole numbers throughout, rounded once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.inference.engine.names import model_key

_TOKENS_A_PRICE = 1_000_000
_MS_A_MINUTE = 60_000
_MS_AN_HOUR = 3_600_000
# The least number that all three divide: sums are exact up to the one rounding at their end.
_COMMON = 18_000_000


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price in billionths of a US dollar: a million tokens, an image, a minute of audio, an hour of GPU.

    `provider_id` None is for any provider; `cached` None is priced as what is read anew. In
    `pattern` each `*` stands for anything; upper and lower case are the same.
    """

    pattern: str
    provider_id: UUID | None = None
    input: int = 0
    cached: int | None = None
    output: int = 0
    image: int = 0
    audio_minute: int = 0
    gpu_hour: int = 0


@dataclass(frozen=True, slots=True)
class Consumed:
    """What a call used. `cached_tokens` are those of the input the server had read before."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    image_count: int = 0
    audio_ms: int = 0
    gpu_ms: int = 0


FREE = PriceRow("*")


def cost_nanousd(price: PriceRow, consumed: Consumed) -> int:
    """This will price a call in billionths of a US dollar, halves rounded up."""
    cached = min(max(consumed.cached_tokens, 0), max(consumed.input_tokens, 0))
    fresh = max(consumed.input_tokens, 0) - cached
    for_tokens = (
        fresh * price.input
        + cached * (price.input if price.cached is None else price.cached)
        + max(consumed.output_tokens, 0) * price.output
    )
    total = (
        for_tokens * (_COMMON // _TOKENS_A_PRICE)
        + max(consumed.image_count, 0) * price.image * _COMMON
        + max(consumed.audio_ms, 0) * price.audio_minute * (_COMMON // _MS_A_MINUTE)
        + max(consumed.gpu_ms, 0) * price.gpu_hour * (_COMMON // _MS_AN_HOUR)
    )
    return (2 * total + _COMMON) // (2 * _COMMON)


def price_of(table: Iterable[PriceRow], model: str, provider_id: UUID | None) -> PriceRow:
    """This will find the price of a model: a provider's own first, then the longest pattern; free if none matches."""
    return _first_of(_matching(table, model), provider_id)


def dearest_cost(table: Iterable[PriceRow], models: Sequence[str], consumed: Consumed) -> int:
    """This will price a call at most, while it is open which model on which provider will answer."""
    costs = []
    for model in set(models):
        rows = _matching(table, model)
        costs += [cost_nanousd(_first_of(rows, each), consumed) for each in {None, *(row.provider_id for row in rows)}]
    return max(costs, default=0)


def _matching(table: Iterable[PriceRow], model: str) -> list[PriceRow]:
    """A model is known with and without Ollama's `:latest`."""
    names = {model, model_key(model)}
    return [row for row in table if any(is_match(row.pattern, name) for name in names)]


def _first_of(rows: Iterable[PriceRow], provider_id: UUID | None) -> PriceRow:
    return max((row for row in rows if row.provider_id in {None, provider_id}), key=_precedence, default=FREE)


def _precedence(row: PriceRow) -> tuple[bool, int, int, str]:
    literal = len(row.pattern) - row.pattern.count("*")
    return row.provider_id is not None, literal, -row.pattern.count("*"), row.pattern


def is_match(pattern: str, model: str) -> bool:
    """This will tell whether a name matches a pattern, in time proportional to both."""
    first, *rest = pattern.casefold().split("*")
    name = model.casefold()
    if not rest:
        return name == first
    if not name.startswith(first):
        return False
    *middle, last = rest
    at = len(first)
    for part in middle:
        found = name.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(name) - len(last) >= at and name.endswith(last)
