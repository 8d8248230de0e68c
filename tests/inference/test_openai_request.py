"""What of a request reaches OpenAI itself, which refuses what it does not know."""

import pytest

from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, Sampling
from apps.inference.engine.names import is_openai
from apps.inference.engine.openai_request import chat_body

EXTRA = {"min_p": 0.05, "repetition_penalty": 1.1, "verbosity": "low"}
REQUEST = ChatRequest("gpt-5", (ChatMessage(ChatRole.USER, "Hello"),), sampling=Sampling(top_k=40), extra=EXTRA)


def test_parameters_of_others_are_kept_from_openai_and_handed_to_others() -> None:
    theirs, openais = chat_body(REQUEST), chat_body(REQUEST, is_openai=True)

    assert (theirs["min_p"], theirs["repetition_penalty"], theirs["top_k"]) == (0.05, 1.1, 40)
    assert set(theirs) - set(openais) == {"min_p", "repetition_penalty", "top_k"}
    assert openais["verbosity"] == "low"


@pytest.mark.parametrize(
    ("base_url", "is_its_own"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://api.openai.com.example.net/v1", False),
        ("http://127.0.0.1:8000/v1", False),
        ("", False),
    ],
)
def test_openais_own_address_is_known_in_every_region(base_url: str, is_its_own: bool) -> None:
    assert is_openai(base_url) is is_its_own
