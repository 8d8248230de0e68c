"""What the Cache page shows."""

from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from apps.inference.caching.managing import CacheNumbers


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure and its name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class CachePage:
    """The numbers of the last seven days, and what is kept."""

    helped: list[Fact]
    kept: list[Fact]
    is_empty: bool
    is_used: bool
    is_up: bool


def cache_page(numbers: CacheNumbers) -> CachePage:
    """This will put the numbers in words."""
    tally = numbers.tally
    rate = tally.hit_rate
    helped = [
        Fact(_("Found"), "–" if rate is None else f"{rate:.0%}"),
        Fact(_("The same request"), _number(tally.exact_count)),
        Fact(_("At the same time"), _number(tally.shared_count)),
        Fact(_("The same meaning"), _number(tally.semantic_count)),
        Fact(_("Not found"), _number(tally.miss_count)),
        Fact(_("Asked for a new answer"), _number(tally.bypass_count)),
        Fact(_("Tokens saved"), _number(tally.saved_tokens)),
    ]
    kept = [
        Fact(_("Answers"), _number(numbers.answer_count)),
        Fact(_("Answers by meaning"), _number(numbers.similar_count)),
        Fact(_("Embeddings"), _number(numbers.vector_count)),
        Fact(_("Memory"), filesizeformat(numbers.size_bytes)),
    ]
    return CachePage(
        helped=helped,
        kept=kept,
        is_empty=not (numbers.answer_count or numbers.similar_count or numbers.vector_count),
        is_used=bool(tally.hit_count or tally.miss_count or tally.bypass_count),
        is_up=numbers.is_up,
    )


def _number(value: int) -> str:
    return str(intcomma(value))
