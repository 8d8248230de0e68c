"""What the fake models say: made from the prompt alone, so that a test knows what an answer should have been."""

import random
import zlib
from collections.abc import Sequence
from functools import lru_cache

# Words, Markdown, characters of two, three and four bytes, a joined emoji, what JSON and HTML escape.
VOCABULARY: tuple[str, ...] = (
    *(
        f" {word}"
        for word in ["the", "a", "model", "answer", "runs", "over", "wire", "token", "by", "and", "is", "not", "of", "to", "in", "with", "stream", "text", "kept", "whole", "fast", "mountain", "gods", "river", "lightning", "garden", "memory", "light", "stone", "number", "café", "naïve", "über", "señor", "Ελλάς", "Όλυμπος", "гора", "山", "神々", "雲", "한글", "שלום", "مرحبا", "नमस्ते"]
    ),
    ".", ",", ":", ".\n\n", "\n- ", "\n1. ", "\n## ", " **bold**", " *soft*", " `code`", "\n> ", " [link](https://example.org/?a=1&b=2)",
    "\n\n```python\nprint(\"hi\")\n```\n\n", " <b>", " & ", " \\", "\t", " \"quoted\"", " 🏛️", " ⚡", " 👩‍👩‍👧‍👦", " 𝔘𝔫𝔦", " 🇬🇷", " …",
)  # fmt: skip


@lru_cache(maxsize=4096)
def token_numbers(prompt: str, tokens: int) -> Sequence[int]:
    """This will pick the places in the vocabulary an answer to the prompt has."""
    seed = zlib.crc32(prompt.encode("utf-8", "surrogatepass"))
    return random.Random(seed).choices(range(len(VOCABULARY)), k=tokens)


def expected_text(prompt: str, tokens: int) -> str:
    """This will return the whole answer to a prompt (the last user message) of that many tokens."""
    return "".join(VOCABULARY[number] for number in token_numbers(prompt, tokens))
