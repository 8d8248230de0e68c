"""LangChain's ChatOpenAI and OpenAIEmbeddings, unchanged."""

import asyncio
from collections.abc import AsyncIterator

import openai
import pytest
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.gateway.conftest import Program

pytestmark = pytest.mark.django_db(transaction=True)


class God(BaseModel):
    """A god of Olympus."""

    name: str
    age: int


@tool
def get_weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


@pytest.fixture
async def chat(door: Program) -> AsyncIterator[ChatOpenAI]:
    """The chat model as its documentation makes one, with connections that end with the test."""
    with openai.DefaultHttpxClient() as waiting:
        async with openai.DefaultAsyncHttpxClient() as streaming:
            yield ChatOpenAI(
                model="fake",
                base_url=f"{door.url}/v1",
                api_key=door.key,  # type: ignore[arg-type]
                max_retries=0,
                http_client=waiting,
                http_async_client=streaming,
            )


async def test_a_chain_that_waits(chat: ChatOpenAI) -> None:
    answer = await asyncio.to_thread(chat.invoke, "Hello")

    assert answer.content == expected_text("Hello", 50)
    assert answer.usage_metadata is not None
    assert (answer.usage_metadata["input_tokens"], answer.usage_metadata["output_tokens"]) == (26, 50)


async def test_a_chain_that_streams(chat: ChatOpenAI) -> None:
    pieces = [piece async for piece in chat.astream([SystemMessage("Be brief."), HumanMessage("Hello")])]

    assert "".join(str(piece.content) for piece in pieces) == expected_text("Hello", 50)


async def test_a_tool_and_its_result(chat: ChatOpenAI, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=0, tool_calls=(("get_weather", {"city": "Athens"}),))
    bound = chat.bind_tools([get_weather])

    asked = await bound.ainvoke("Hello")
    upstream.default = Script()
    call = asked.tool_calls[0]
    said = await bound.ainvoke(
        [HumanMessage("Hello"), asked, ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"])]
    )

    assert (call["name"], call["args"]) == ("get_weather", {"city": "Athens"})
    assert said.content
    assert upstream.log.requests[-1].body["messages"][-1]["content"] == "sunny in Athens"


async def test_structured_output(chat: ChatOpenAI, upstream: FakeOpenAI) -> None:
    upstream.default = Script(pieces=('{"name": "Zeus",', '"age": 4000}'))

    assert await chat.with_structured_output(God).ainvoke("Who?") == God(name="Zeus", age=4000)


async def test_many_at_once(chat: ChatOpenAI) -> None:
    answers = await chat.abatch(["Hello", "Hello", "Hello"])

    assert {answer.content for answer in answers} == {expected_text("Hello", 50)}


async def test_embeddings(door: Program) -> None:
    async with openai.DefaultAsyncHttpxClient() as connections:
        embeddings = OpenAIEmbeddings(
            model="text-embedding-3-small",
            base_url=f"{door.url}/v1",
            api_key=door.key,  # type: ignore[arg-type]
            check_embedding_ctx_length=False,
            max_retries=0,
            http_async_client=connections,
        )

        vectors = await embeddings.aembed_documents(["a", "four"])

    assert [vector[0] for vector in vectors] == [1.0, 4.0]
