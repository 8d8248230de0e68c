"""POST /v1/embeddings."""

import base64
import math
import struct
from typing import Any

import pytest

from tests.gateway.conftest import Answer, Program

pytestmark = pytest.mark.django_db(transaction=True)


async def embed(program: Program, given: Any, **members: Any) -> Answer:
    """Ask for embeddings."""
    body = {"model": "text-embedding-3-small", "input": given, **members}
    return await program("POST", "/v1/embeddings", body)


async def test_each_text_has_its_vector_in_order(program: Program) -> None:
    answer = await embed(program, ["a", "bcd"])

    body = answer.json()
    assert answer.status == 200
    assert [row["index"] for row in body["data"]] == [0, 1]
    assert [row["embedding"][0] for row in body["data"]] == [1.0, 3.0]
    assert body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] > 0


async def test_base64_is_the_same_vector(program: Program) -> None:
    answer = await embed(program, "abc", encoding_format="base64")

    raw = base64.b64decode(answer.json()["data"][0]["embedding"])
    assert struct.unpack("<3f", raw) == (3.0, 0.5, -1.0)


async def test_dimensions_cut_a_vector_to_a_unit_one(program: Program) -> None:
    answer = await embed(program, "abc", dimensions=2)

    vector = answer.json()["data"][0]["embedding"]
    assert len(vector) == 2
    assert math.isclose(math.hypot(*vector), 1.0)


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"input": [1, 2, 3]}, "input"),
        ({"input": [[1], [2]]}, "input"),
        ({"input": []}, "input"),
        ({"input": ""}, "input"),
        ({"input": ["a", ""]}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"input": {"a": 1}}, "input"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 4}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"model": "fake"}, "model"),
    ],
)
async def test_what_cannot_be_embedded_is_refused(program: Program, members: dict[str, Any], param: str) -> None:
    answer = await embed(program, members.pop("input", "abc"), **members)

    assert answer.status == 400
    assert answer.json()["error"]["param"] == param
