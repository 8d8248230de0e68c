"""Ollama. Source: github.com/ollama/ollama at fb3076099, server/routes.go, openai/openai.go, api/types.go."""

from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fleet.answering import CREATED


class Ollama(FakeOllama):
    """FakeOllama with OpenAI's list, where a model's owner is the namespace of its name: `library` if it has none."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded = ["fake:latest"]
        self._answers["GET /v1/models"] = lambda _, connection: connection.send_json(
            {
                "object": "list",
                "data": [
                    {"id": name, "object": "model", "created": CREATED, "owned_by": "library"} for name in self.models
                ],
            }
        )
