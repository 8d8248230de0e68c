"""The fake servers as programs of their own, as benchmarks and fault tests use them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.doubles.texts import expected_text


@pytest.fixture(params=["fake_ollama", "fake_openai"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where a fake server of each kind listens, in a process of its own."""
    command = [sys.executable, "-m", f"tests.doubles.{request.param}", "--tokens", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


def call(url: str, body: dict[str, Any] | None = None) -> str:
    """Call a server as any program would."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"}), timeout=10) as response:
        return str(response.read().decode())


def ask(url: str, prompt: str, model: str = "fake") -> str:
    """Ask and join the text of whichever wire answers."""
    body = {"model": model, "messages": [{"role": "user", "content": prompt}], "stream": True}
    path = "/api/chat" if "Ollama" in _root(url) else "/v1/chat/completions"
    text = ""
    for line in call(url + path, body).splitlines():
        if line.startswith("{"):
            text += json.loads(line)["message"]["content"]
        elif line.startswith("data: {"):
            text += "".join(choice["delta"].get("content", "") for choice in json.loads(line[6:])["choices"])
    return text


def _root(url: str) -> str:
    try:
        return call(url + "/")
    except OSError:
        return ""


def test_the_text_follows_from_the_prompt_alone(url: str) -> None:
    assert ask(url, "one") == expected_text("one", 5)
    assert ask(url, "two", "fake?tokens=7&rate=500") == expected_text("two", 7)


def test_a_script_can_be_set_and_what_happened_be_read_from_outside(url: str) -> None:
    call(url + "/_script", {"model": "*", "tokens": 3})
    text = ask(url, "three")

    report = json.loads(call(url + "/_requests"))

    assert text == expected_text("three", 3)
    assert report["requests"][-1]["body"]["messages"][0]["content"] == "three"
    assert (report["finished"], report["disconnects"]) == (1, [])


def test_texts_are_long_varied_and_multilingual() -> None:
    text = expected_text("anything", 500)

    assert expected_text("anything", 500) == text
    assert expected_text("anything else", 500) != text
    assert len(text.encode()) > len(text) > 1500
    assert expected_text("anything", 200) == text[: len(expected_text("anything", 200))]
