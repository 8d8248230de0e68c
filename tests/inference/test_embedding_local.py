"""The embedder that comes with Olympus: its vectors, and how calls share it."""

import asyncio
from functools import cache

import numpy as np
import pytest

from apps.inference.embedding.local import DIMENSION, embed_here, embeddings_here
from apps.inference.embedding.minilm import MiniLM

HAPPY = ("That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day")


@cache
def model() -> MiniLM:
    return MiniLM()


def rows(*texts: str) -> np.ndarray:
    return model().embed(model().tokens_of(texts))


def test_vectors_are_those_of_the_reference_implementation() -> None:
    # As sentence-transformers gives them on torch: the first numbers of a vector, and how alike sentences are.
    vectors = rows("This is an example sentence", *HAPPY)

    np.testing.assert_allclose(vectors[0][:6], [0.067657, 0.063496, 0.048713, 0.079305, 0.037448, 0.002653], atol=2e-6)
    np.testing.assert_allclose(vectors[1] @ vectors[2:].T, [0.694578, 0.942915, 0.256876], atol=2e-6)


def test_vectors_have_unit_length_and_one_dimension() -> None:
    vectors = rows("", "a", "word " * 500, "日本語", "🏛️")

    assert vectors.shape == (5, DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_has_the_same_vector_whatever_it_is_computed_with() -> None:
    texts = [*HAPPY, "much longer " * 40, "x"]

    together, alone = rows(*texts), np.concatenate([rows(text) for text in texts])

    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "is_whole"), [("How do I bake bread?", True), ("word " * 255, False), ("数学の公式を検索する🏛️", False)]
)
def test_texts_that_are_cut_or_hold_unknown_words_are_told(text: str, is_whole: bool) -> None:
    assert model().tokens_of([text])[0].is_whole is is_whole


def test_what_is_past_the_limit_changes_nothing() -> None:
    kept = "word " * 300

    np.testing.assert_allclose(rows(kept)[0], rows(kept + "and something else")[0], atol=1e-6)


async def test_many_calls_at_once_each_get_their_own_vectors_in_order() -> None:
    texts = [[f"text {call} {number}" for number in range(1 + call % 3)] for call in range(20)]

    answers = await asyncio.gather(*(embed_here(each) for each in texts))

    for asked, answer in zip(texts, answers, strict=True):
        np.testing.assert_allclose([each.vector for each in answer], rows(*asked), atol=1e-5)


async def test_a_question_does_not_wait_for_a_library() -> None:
    library = asyncio.create_task(embed_here([f"page {number} of a book" for number in range(1500)]))
    await asyncio.sleep(0.05)

    await embed_here(["a question"])

    assert not library.done()
    library.cancel()
    with pytest.raises(asyncio.CancelledError):
        await library


async def test_nothing_is_embedded_as_nothing_and_tokens_are_counted() -> None:
    nothing, something = await embeddings_here([]), await embeddings_here(["hello world", "hello"])

    assert nothing.vectors == ()
    assert (something.model, something.prompt_tokens) == ("all-minilm-l6-v2", 7)
