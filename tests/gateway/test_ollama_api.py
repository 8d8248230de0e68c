"""`/api/…`: Ollama's shape, as its programs send and read it."""

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from apps.accounts.models import LedgerEntry
from apps.inference.models import Provider
from olympus.kernel.actor import Scope
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.http_server import until
from tests.doubles.openai_media import PNG
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.gateway.conftest import Answer, MakeProgram, Program
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)

HELLO = [{"role": "user", "content": "Hello"}]
WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Tells it", "parameters": {"type": "object", "properties": {}}},
}
PICTURE = base64.b64encode(PNG).decode()


async def chat(program: Program, **members: Any) -> Answer:
    return await program("POST", "/api/chat", {"model": "fake", "messages": HELLO, **members})


async def generate(program: Program, **members: Any) -> Answer:
    return await program("POST", "/api/generate", {"model": "fake", "prompt": "Hello", **members})


def lines_of(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.body.splitlines()]


def sent(upstream: FakeOpenAI) -> dict[str, Any]:
    """What the model server was asked last."""
    body: dict[str, Any] = upstream.log.requests[-1].body
    return body


async def test_a_chat_is_streamed_unless_told_otherwise(program: Program) -> None:
    answer = await chat(program)

    *parts, last = lines_of(answer)
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert "".join(part["message"]["content"] for part in parts) == expected_text("Hello", 50)
    assert {(part["model"], part["done"], part["message"]["role"]) for part in parts} == {("fake", False, "assistant")}
    assert (last["done"], last["done_reason"], last["message"]["content"]) == (True, "stop", "")
    assert (last["prompt_eval_count"], last["eval_count"]) == (26, 50)
    assert last["total_duration"] >= last["eval_duration"] >= 0
    assert last["total_duration"] >= last["prompt_eval_duration"] > 0
    assert datetime.fromisoformat(last["created_at"])


async def test_a_chat_is_answered_whole(program: Program) -> None:
    answer = await chat(program, stream=False)

    whole = answer.json()
    assert whole["message"] == {"role": "assistant", "content": expected_text("Hello", 50)}
    assert (whole["done"], whole["eval_count"]) == (True, 50)


async def test_generate_answers_a_prompt(program: Program, upstream: FakeOpenAI) -> None:
    *parts, last = lines_of(await generate(program, system="Be brief."))
    whole = (await generate(program, stream=False)).json()

    assert "".join(part["response"] for part in parts) == expected_text("Hello", 50) == whole["response"]
    assert (last["done"], last["done_reason"]) == (True, "stop")
    assert upstream.log.requests[0].body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
    ]


@pytest.mark.parametrize(("keep_alive", "reason"), [(None, "load"), (0, "unload"), ("0", "unload"), ("5m", "load")])
async def test_a_request_for_nothing_is_about_memory_which_olympus_manages(
    program: Program, upstream: FakeOpenAI, keep_alive: object, reason: str
) -> None:
    chatted = await chat(program, messages=[], keep_alive=keep_alive)
    generated = await generate(program, prompt="", keep_alive=keep_alive)

    assert [(each.json()["done"], each.json()["done_reason"]) for each in (chatted, generated)] == [(True, reason)] * 2
    assert not upstream.log.requests


async def test_thinking_is_told_apart(program: Program, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=3, thinking=2)

    first, *_ = lines_of(await chat(program, think=True))
    whole = (await chat(program, think="high", stream=False)).json()
    generated = (await generate(program, stream=False)).json()

    assert first["message"]["content"] == ""
    assert first["message"]["thinking"].startswith("thought 0 ")
    assert whole["message"]["thinking"] == generated["thinking"] == "thought 0 thought 1 "


async def test_tools_are_offered_called_and_answered(program: Program, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=1, tool_calls=(("get_weather", {"city": "Athens"}), ("get_weather", {})))

    parts = lines_of(await chat(program, tools=[WEATHER]))
    whole = (await chat(program, tools=[WEATHER], stream=False)).json()

    streamed = [call for part in parts for call in part["message"].get("tool_calls", ())]
    assert streamed == whole["message"]["tool_calls"]
    assert [call["function"] for call in streamed] == [
        {"index": 0, "name": "get_weather", "arguments": {"city": "Athens"}},
        {"index": 1, "name": "get_weather", "arguments": {}},
    ]
    assert sent(upstream)["tools"][0]["function"]["name"] == "get_weather"


async def test_a_tools_answer_finds_its_call_by_the_tools_name(program: Program, upstream: FakeOpenAI) -> None:
    calls = [{"function": {"name": name, "arguments": {"city": "Athens"}}} for name in ("get_weather", "get_time")]
    messages = [
        {"role": "User", "content": "How is it there?"},
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "tool", "content": "noon", "tool_name": "get_time"},
        {"role": "tool", "content": "sunny"},
    ]

    await chat(program, messages=messages)

    asked = sent(upstream)["messages"]
    assert [call["id"] for call in asked[1]["tool_calls"]] == ["call_0", "call_1"]
    assert [(message["content"], message["tool_call_id"]) for message in asked[2:]] == [
        ("noon", "call_1"),
        ("sunny", "call_0"),
    ]


async def test_options_format_and_pictures_reach_the_server(program: Program, upstream: FakeOpenAI) -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}}
    options = {
        "temperature": 0.1, "top_p": 0.5, "top_k": 7, "seed": 42, "num_predict": 9, "stop": ["END"],
        "presence_penalty": 0.2, "num_gpu": 3,
    }  # fmt: skip

    await chat(
        program,
        messages=[{"role": "user", "content": "Look", "images": [PICTURE]}],
        options=options,
        format=schema,
        keep_alive="10m",
    )

    body = sent(upstream)
    assert (body["temperature"], body["top_p"], body["top_k"], body["seed"]) == (0.1, 0.5, 7, 42)
    assert (body["max_tokens"], body["stop"], body["presence_penalty"]) == (9, ["END"], 0.2)
    assert body["response_format"]["json_schema"]["schema"] == schema
    assert body["messages"][0]["content"][1]["image_url"]["url"] == f"data:image/png;base64,{PICTURE}"


@pytest.mark.parametrize("limit", [-1, -2])
async def test_no_end_is_no_limit(program: Program, upstream: FakeOpenAI, limit: int) -> None:
    await chat(program, options={"num_predict": limit})

    assert "max_tokens" not in sent(upstream)


async def test_a_limit_that_was_reached_is_told(program: Program) -> None:
    whole = (await chat(program, options={"num_predict": 4}, stream=False)).json()

    assert (whole["done_reason"], whole["eval_count"]) == ("length", 4)


async def test_models_are_listed_with_what_they_can(program: Program) -> None:
    models = {model["name"]: model for model in (await program("GET", "/api/tags")).json()["models"]}

    assert {"fake", "gpt-4o-mini", "text-embedding-3-small"} <= set(models)
    assert models["fake"]["capabilities"] == ["completion", "tools", "vision"]
    assert models["text-embedding-3-small"]["capabilities"] == ["embedding"]
    assert models["fake"]["model"] == "fake"
    assert datetime.fromisoformat(models["fake"]["modified_at"])
    assert len(models["fake"]["digest"]) == 64


async def test_a_model_is_shown(program: Program) -> None:
    shown = (await program("POST", "/api/show", {"model": "fake"})).json()

    assert shown["capabilities"] == ["completion", "tools", "vision"]
    assert shown["model_info"]["olympus.context_length"] == 8192


async def test_what_is_in_memory_is_told(program: Program, provider: Provider) -> None:
    provider.catalog[0] |= {"is_loaded": True, "size_bytes": 77}
    await sync_to_async(provider.save)()

    models = (await program("GET", "/api/ps")).json()["models"]

    assert [(model["name"], model["size"], model["size_vram"]) for model in models] == [("fake", 77, 77)]


async def test_the_list_may_be_looked_for_without_reading_it(program: Program) -> None:
    answer = await program("HEAD", "/api/tags")

    assert (answer.status, answer.body) == (200, b"")


async def test_texts_are_embedded(program: Program) -> None:
    ask = {"model": "text-embedding-3-small"}

    many = (await program("POST", "/api/embed", {**ask, "input": ["a", "four"]})).json()
    one = (await program("POST", "/api/embed", {**ask, "input": "abc", "dimensions": 2})).json()
    none = (await program("POST", "/api/embed", {**ask, "input": ""})).json()
    old = (await program("POST", "/api/embeddings", {**ask, "prompt": "abcd"})).json()

    assert [vector[0] for vector in many["embeddings"]] == [1.0, 4.0]
    assert many["prompt_eval_count"] == 8
    assert one["embeddings"] == [pytest.approx([0.98639, 0.16440], abs=1e-4)]
    assert none["embeddings"] == []
    assert old["embedding"] == [4.0, 0.5, -1.0]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "pull"), ("POST", "push"), ("POST", "create"), ("POST", "copy"), ("DELETE", "delete")],
)
async def test_models_are_managed_elsewhere(program: Program, method: str, path: str) -> None:
    answer = await program(method, f"/api/{path}", {"model": "fake"})

    assert answer.status == 403
    assert answer.json()["error"].startswith("Olympus manages models elsewhere")


async def test_olympuss_own_addresses_below_api_stay_its_own(program: Program) -> None:
    answer = await program("GET", "/api/v1/models")

    assert answer.status == 200
    assert "results" in answer.json()


async def test_strangers_and_programs_without_a_key_get_nothing(
    stranger: Someone, provider: Provider, program_of: MakeProgram
) -> None:
    elsewhere, nobody = await program_of(stranger, Scope.WRITE), await program_of(None)

    answers = [await chat(elsewhere), await generate(elsewhere), await program_show(elsewhere)]
    tags = (await elsewhere("GET", "/api/tags")).json()["models"]

    assert [(answer.status, set(answer.json())) for answer in answers] == [(404, {"error", "code"})] * 3
    assert "fake" not in {model["name"] for model in tags}
    assert {(await chat(nobody)).status, (await nobody("GET", "/api/tags")).status} == {401}


async def program_show(program: Program) -> Answer:
    return await program("POST", "/api/show", {"model": "fake"})


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"model": None}, "model"),
        ({"messages": "Hello"}, "messages"),
        ({"messages": [{"role": "pope", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": "x", "images": ["?"]}]}, "messages[0].images[0]"),
        ({"messages": [{"role": "user", "content": "x", "images": ["AAAA"]}]}, "messages[0].images[0]"),
        ({"format": "xml"}, "format"),
        ({"options": {"temperature": -1}}, "options.temperature"),
        ({"options": {"num_ctx": -1}}, "options.num_ctx"),
        ({"options": {"seed": 2**70}}, "options.seed"),
        ({"options": []}, "options"),
        ({"tools": [WEATHER] * 200}, "tools"),
        ({"think": "hard"}, "think"),
        ({"top_logprobs": 21}, "top_logprobs"),
        ({"stream": "yes"}, "stream"),
    ],
)
async def test_bad_input_is_told_where_it_is(
    program: Program, upstream: FakeOpenAI, members: dict[str, Any], field: str
) -> None:
    answer = await chat(program, **members)

    assert answer.status == 400
    assert field in answer.json()["error"]
    assert not upstream.log.requests


@pytest.mark.parametrize(
    "members", [{"raw": True}, {"suffix": "end"}, {"template": "{{ .Prompt }}"}, {"context": [1, 2]}]
)
async def test_what_generate_cannot_do_here_is_said(program: Program, members: dict[str, Any]) -> None:
    answer = await generate(program, **members)

    assert answer.status == 400
    assert next(iter(members)) in answer.json()["error"]


async def test_a_stream_that_breaks_ends_with_an_error_line(program: Program, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=20, fault="cut", fault_at=5)

    *parts, last = lines_of(await chat(program))

    assert parts
    assert "broke" in last["error"]


async def test_a_program_that_goes_away_ends_the_servers_work(program: Program, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=100_000, rate=100)
    body = json.dumps({"model": "fake", "messages": HELLO})
    headers = {"authorization": f"Bearer {program.key}"}

    async with program.session.post(f"{program.url}/api/chat", data=body, headers=headers) as answer:
        await answer.content.readany()
        answer.close()

    await until(lambda: upstream.log.disconnects == ["fake"], timeout_s=1.0)


async def test_a_chat_is_charged_to_its_key(program: Program, member: Someone) -> None:
    await chat(program, stream=False)

    entry = await sync_to_async(LedgerEntry.objects.get)()

    assert (entry.owner_id, entry.kind, entry.door, entry.model) == (member.user.pk, "chat", "gateway", "fake")
    assert (entry.input_tokens, entry.output_tokens, entry.api_key_id is not None) == (26, 50, True)


@pytest.mark.parametrize("num_ctx", [1, 999_999])
async def test_an_ollama_behind_the_gateway_gets_what_was_asked_and_need_not_load_the_model_anew(
    member: Someone, program_of: MakeProgram, provider: Provider, num_ctx: int
) -> None:
    async with FakeOllama(Script(tokens=3, thinking=1)) as behind:
        await sync_to_async(connect_ollama)(member, behind.url)
        program = await program_of(member, Scope.WRITE)

        whole = await chat(
            program,
            model="llama",
            stream=False,
            think=True,
            format="json",
            keep_alive=-1,
            messages=[{"role": "user", "content": "Look", "images": [PICTURE]}],
            options={"num_ctx": num_ctx, "min_p": 0.1, "presence_penalty": 0.5, "repeat_penalty": 1.2},
        )

    body = behind.log.requests[-1].body
    assert whole.json()["message"]["thinking"] == "thought 0 "
    assert body["messages"][0]["images"] == [PICTURE]
    assert (body["model"], body["think"], body["format"]) == ("llama:latest", True, {"type": "object"})
    assert body["options"] == {"num_ctx": 8192, "min_p": 0.1, "presence_penalty": 0.5, "repeat_penalty": 1.2}
    assert "keep_alive" not in body


def connect_ollama(who: Someone, url: str) -> None:
    """Enter an Ollama with one model that sees and thinks."""
    model = {"name": "llama:latest", "capabilities": ["chat", "vision", "thinking"], "context_length": 131_072}
    Provider.objects.create(
        organization_id=who.actor.organization_id, name="Ollama", kind="ollama", base_url=url, catalog=[model]
    )
