"""What of a request reaches Ollama."""

from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole
from apps.inference.engine.ollama import chat_body

QUESTION = (ChatMessage(ChatRole.USER, "Hello"),)


def test_penalties_of_openais_are_options_of_ollamas() -> None:
    shared = {"presence_penalty": 0.5, "frequency_penalty": -0.5, "min_p": 0.05}
    extra = {**shared, "repetition_penalty": 1.1, "verbosity": "low"}

    options = chat_body(ChatRequest("fake", QUESTION, extra=extra))["options"]

    assert options == {**shared, "repeat_penalty": 1.1}


def test_what_is_not_asked_for_is_left_to_the_server() -> None:
    assert chat_body(ChatRequest("fake", QUESTION))["options"] == {}
