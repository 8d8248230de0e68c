"""Simon Willison's `llm`, unchanged: its command line with a file that names Olympus."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.gateway.conftest import Program

pytestmark = pytest.mark.django_db(transaction=True)

_MODELS = """
- model_id: olympus
  model_name: fake
  api_base: {url}/v1
  api_key_name: olympus
  supports_schema: true
  supports_tools: true
  can_stream: true
"""


@pytest.fixture
def folder(door: Program, tmp_path: Path) -> Path:
    """Where `llm` keeps its models and keys."""
    (tmp_path / "extra-openai-models.yaml").write_text(_MODELS.format(url=door.url))
    (tmp_path / "keys.json").write_text(json.dumps({"olympus": door.key}))
    return tmp_path


async def run(folder: Path, *arguments: str, stdin: str = "") -> str:
    """Run the command line and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "llm", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "LLM_USER_PATH": str(folder), "LLM_LOAD_PLUGINS": ""},
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 60)
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_a_question_is_answered(folder: Path) -> None:
    said = await run(folder, "-m", "olympus", "Hello")

    assert said.strip() == expected_text("Hello", 50).strip()


async def test_an_answer_is_waited_for(folder: Path) -> None:
    said = await run(folder, "-m", "olympus", "--no-stream", "-s", "Be brief.", stdin="Hello")

    assert said.strip() == expected_text("Hello", 50).strip()


async def test_a_conversation_goes_on(folder: Path, upstream: FakeOpenAI) -> None:
    await run(folder, "-m", "olympus", "Hello")
    await run(folder, "-c", "And then?")

    roles = [message["role"] for message in upstream.log.requests[-1].body["messages"]]
    assert roles == ["user", "assistant", "user"]


async def test_an_answer_follows_a_schema(folder: Path, upstream: FakeOpenAI) -> None:
    upstream.default = Script(pieces=('{"name": "Zeus",', '"age": 4000}'))

    said = await run(folder, "-m", "olympus", "--schema", "name, age int", "Who?")

    assert json.loads(said) == {"name": "Zeus", "age": 4000}
    assert upstream.log.requests[-1].body["response_format"]["type"] == "json_schema"


async def test_a_tool_is_run_and_its_result_told(folder: Path, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=0, tool_calls=(("llm_version", {}),))

    with pytest.raises(AssertionError, match=r"Chain limit of 1 exceeded"):
        await run(folder, "-m", "olympus", "-T", "llm_version", "--cl", "1", "Which?")

    assert upstream.log.requests[-1].body["tools"][0]["function"]["name"] == "llm_version"
