"""Programs other people wrote, unchanged, at a running Olympus."""

import pytest
from asgiref.sync import sync_to_async

from apps.inference.models import Provider
from tests.gateway.conftest import Program

_MORE = {
    "fake-thinking": ["chat", "tools", "structured_output", "thinking"],
    "gpt-image-2": ["images"],
    "whisper-1": ["transcription"],
    "tts-1": ["speech"],
}


@pytest.fixture
async def door(program: Program, provider: Provider) -> Program:
    """Where Olympus is and a key for it; the model server behind it also thinks, draws, hears and speaks."""
    provider.catalog += [{"name": name, "capabilities": capabilities} for name, capabilities in _MORE.items()]
    await sync_to_async(provider.save)()
    return program
