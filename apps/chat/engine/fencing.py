"""Files as a model reads them: fenced, named, and cut where they do not fit."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

CountTokens = Callable[[str], int]

_BACKTICKS = re.compile("`+")
# Below this a cut file says less than its name.
_LEAST_TOKENS = 48
# What the fence, the name and the note of a cut take beside the text.
_FRAME_TOKENS = 24


@dataclass(frozen=True, slots=True)
class Document:
    """A text file by the name a person gave it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A file as it goes into a prompt; `text` is empty if there was no room for it."""

    name: str
    text: str
    token_count: int
    is_cut: bool = False


def fenced(document: Document) -> str:
    """This will put a file between fences longer than any run of backticks in it."""
    longest = max((len(run) for run in _BACKTICKS.findall(document.text)), default=0)
    fence = "`" * max(3, longest + 1)
    name = " ".join(document.name.replace("`", "'").split())
    return f"{fence} {name}\n{document.text}\n{fence}"


def cut_to(text: str, token_count: int, count_tokens: CountTokens) -> tuple[str, int]:
    """This will keep the longest beginning that is at most so many tokens, and tell how many characters are gone.

    It prefers to end where a line ends.
    """
    high = min(len(text), max(8 * token_count, 8))
    while high < len(text) and count_tokens(text[:high]) <= token_count:
        high = min(len(text), 2 * high)
    if high == len(text) and count_tokens(text) <= token_count:
        return text, 0
    low = 0
    while low < high:
        middle = (low + high + 1) // 2
        if count_tokens(text[:middle]) <= token_count:
            low = middle
        else:
            high = middle - 1
    line_end = text.rfind("\n", low - low // 5, low)
    kept = text[:line_end] if line_end > 0 else text[:low]
    return kept, len(text) - len(kept)


def with_note(kept: str, gone: int) -> str:
    """This will say at the end of a text how much of it is gone."""
    return f"{kept}\n[… cut, {gone:,} more characters]" if gone else kept


def cost_of(documents: Sequence[Document], count_tokens: CountTokens) -> int:
    """This will count what the files would take, uncut."""
    return sum(count_tokens(document.text) + _FRAME_TOKENS for document in documents)


def blocks_within(documents: Sequence[Document], token_count: int, count_tokens: CountTokens) -> list[Block]:
    """This will fit files into so many tokens, in their order.

    Small ones stay whole; the large ones are cut, each to an equal part of what is left.
    """
    needs = {index: count_tokens(document.text) + _FRAME_TOKENS for index, document in enumerate(documents)}
    left = max(0, token_count)
    blocks: dict[int, Block] = {}
    for place, index in enumerate(sorted(needs, key=needs.__getitem__)):
        share = left // (len(documents) - place)
        blocks[index] = _block(documents[index], share, needs[index], count_tokens)
        left -= blocks[index].token_count
    return [blocks[index] for index in range(len(documents))]


def _block(document: Document, share: int, need: int, count_tokens: CountTokens) -> Block:
    if need <= share:
        return Block(document.name, fenced(document), need)
    if share < _LEAST_TOKENS:
        return Block(document.name, "", 0, is_cut=True)
    kept, gone = cut_to(document.text, share - _FRAME_TOKENS, count_tokens)
    text = fenced(Document(document.name, with_note(kept, gone)))
    return Block(document.name, text, min(share, count_tokens(kept) + _FRAME_TOKENS), is_cut=True)
