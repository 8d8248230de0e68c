"""The scripted model, which tests and demonstrations stand on."""

import pytest

from apps.inference.contracts import Finished, FinishReason, TextDelta
from apps.inference.engine.scripted import Pause, ScriptedModel, saying
from apps.inference.errors import StreamCut
from tests.inference.conftest import asking, play, text_of


async def test_it_plays_its_scripts_in_turn_and_the_last_again() -> None:
    model = ScriptedModel(saying("one"), saying("two words"))

    answers = [text_of((await play(model, asking("any")))[0]) for _ in range(3)]

    assert answers == ["one", "two words", "two words"]
    assert len(model.requests) == 3


async def test_it_pauses_and_fails_where_the_script_says() -> None:
    model = ScriptedModel([TextDelta("a"), Pause(0.01), StreamCut()])

    events, error = await play(model, asking("any"))

    assert text_of(events) == "a"
    assert isinstance(error, StreamCut)


async def test_it_knows_that_it_was_closed_early() -> None:
    model = ScriptedModel(saying("a b c"))
    stream = model.stream(asking("any"))
    await anext(stream)

    await stream.aclose()

    assert model.closed_count == 1


@pytest.mark.parametrize(("name", "start"), [("echo", "Who lives on"), ("demo", "This is a **scripted** answer")])
async def test_without_a_script_it_echoes_or_demonstrates(name: str, start: str) -> None:
    events, _ = await play(ScriptedModel(), asking(name))

    assert text_of(events).startswith(start)
    assert isinstance(events[-1], Finished)
    assert events[-1].reason is FinishReason.STOP


async def test_it_lists_and_embeds() -> None:
    model = ScriptedModel()

    assert [info.name for info in await model.list_models()] == ["demo", "echo"]
    assert (await model.embed("demo", ["a b"])).vectors == ((3.0, 2.0),)
