"""Help: the right section of the documentation, or the word that there is none."""

from pathlib import Path

import pytest

from apps.inference.engine.builtin.help import MAX_PASSAGE
from apps.inference.engine.builtin.library import Library, sections_of
from tests.inference.builtin.asking import DOCS, answer, client


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("how do I add a provider", "provider"),
        ("How can I connect Ollama?", "ollama"),
        ("reset password", "password"),
        ("I forgot my password", "password"),
        ("where is my data", "data folder"),
        ("where is my data stored?", "data folder"),
        ("api key", "api key"),
        ("how do I create an API key", "create_api_key"),
        ("how do I stop an answer", "stop"),
        ("what happens if I close the tab?", "goes on when you close the tab"),
        ("temporary conversation", "leaves no text behind"),
        ("the port is already in use", "next free"),
        ("passkeys don't work", "localhost"),
        ("redis is down", "starts it again by itself"),
        ("where are the logs", "log"),
    ],
)
async def test_a_typical_question_finds_its_section(question: str, said: str) -> None:
    found = await answer(question)

    assert "From `" in found
    assert said in found.lower().replace("`create_api_key`", "create_api_key")


@pytest.mark.parametrize(
    "question",
    [
        "what is the capital of France",
        "tell me a joke",
        "write a poem about the sea",
        "explain quantum mechanics to me",
        "price of bitcoin",
        "你好,请写一首诗",
        "wer war Goethe?",
    ],
)
async def test_a_question_about_something_else_finds_nothing_and_says_so(question: str) -> None:
    found = await answer(question)

    assert "From `" not in found
    assert "No language model is connected" in found


async def test_the_answer_names_the_file_and_the_heading_and_quotes_the_passage(tmp_path: Path) -> None:
    docs = _docs(
        tmp_path,
        {
            "gardens.md": "# Gardens\n\nIntro.\n\n## Water a tulip\n\nIn the [morning](times.md), slowly.\n\n## Cut a hedge\n\nIn June.\n"
        },
    )

    found = await answer("how do I water tulips?", engine=client(docs))

    assert 'From `docs/gardens.md`, "Water a tulip":\n\n> In the morning, slowly.' in found


async def test_the_readme_beside_the_folder_is_searched_too(tmp_path: Path) -> None:
    docs = _docs(tmp_path, {})
    (tmp_path / "README.md").write_text("# House\n\n## Paint the door\n\nGreen.\n")

    found = await answer("paint a door", engine=client(docs))

    assert 'From `README.md`, "Paint the door"' in found


async def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    found = await answer("how do I add a provider", engine=client(tmp_path / "nowhere"))

    assert "I found nothing about this" in found


async def test_a_long_section_is_cut_and_its_code_block_closed(tmp_path: Path) -> None:
    body = "```\n" + "\n".join(f"command number {number}" for number in range(200)) + "\n```\n"
    docs = _docs(tmp_path, {"long.md": f"# Long\n\n## Every command\n\nAll command lines:\n\n{body}"})

    found = await answer("every command", engine=client(docs))

    assert len(found) < 3 * MAX_PASSAGE
    assert found.count("> ```") == 2
    assert "The section goes on in `docs/long.md`." in found


def test_a_heading_inside_a_code_fence_starts_no_section() -> None:
    sections = sections_of("docs/a.md", "# A\n\ntext\n\n```\n# not a heading\n```\n\n## B\n\nmore\n")

    assert [section.heading for section in sections] == ["A", "B"]


def test_the_documentation_is_read_once(tmp_path: Path) -> None:
    docs = _docs(tmp_path, {"a.md": "# A\n\n## Feed the cat\n\nTwice.\n"})
    library = Library(docs)

    first = library.best_section("feed the cat")
    (docs / "a.md").unlink()

    assert first is not None
    assert library.best_section("feed the cat") == first


async def test_clients_of_one_folder_share_what_was_read(tmp_path: Path) -> None:
    docs = _docs(tmp_path, {"a.md": "# A\n\n## Feed the cat\n\nTwice.\n"})
    await answer("feed the cat", engine=client(docs))
    (docs / "a.md").unlink()

    found = await answer("feed the cat", engine=client(docs))

    assert "> Twice." in found


def test_every_page_of_the_index_that_is_written_has_sections() -> None:
    for file in DOCS.glob("*.md"):
        assert sections_of(file.name, file.read_text()), file


def _docs(folder: Path, files: dict[str, str]) -> Path:
    docs = folder / "docs"
    docs.mkdir()
    for name, text in files.items():
        (docs / name).write_text(text)
    return docs
