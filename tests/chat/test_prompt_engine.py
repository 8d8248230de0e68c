"""What of a conversation, its project and its files goes to the model."""

from collections.abc import Iterator

import pytest

from apps.chat.engine.fencing import Document, blocks_within, cut_to, fenced
from apps.chat.engine.prompt import BuiltPrompt, Ingredients, PartKind, Said, build_prompt
from apps.inference.contracts import ChatMessage, ChatRole, Image
from apps.inference.facade import count_tokens

USER, ASSISTANT, SYSTEM = ChatRole.USER, ChatRole.ASSISTANT, ChatRole.SYSTEM


def count(text: str) -> int:
    return len(text.split())


def alternating(number: int) -> list[Said]:
    roles = (USER, ASSISTANT)
    return [Said(roles[i % 2], f"message {i} " + "word " * 18) for i in range(number)]


def build(given: Ingredients, length: int = 4096, max_tokens: int | None = None) -> BuiltPrompt:
    return build_prompt(given, context_length=length, max_tokens=max_tokens, count_tokens=count)


def parts_of(prompt: BuiltPrompt) -> list[tuple[str, str, bool]]:
    return [(part.kind.value, part.label, part.is_cut) for part in prompt.parts]


def test_all_of_a_short_conversation_goes_along_oldest_first() -> None:
    said = alternating(3)

    prompt = build(Ingredients(reversed(said), system="Be brief."))

    assert prompt.messages[0] == ChatMessage(SYSTEM, "Be brief.")
    assert [m.text for m in prompt.messages[1:]] == [s.text for s in said]
    assert prompt.taken_count == 3


def test_the_newest_are_kept_and_the_kept_part_begins_with_a_person() -> None:
    said = alternating(41)

    prompt = build(Ingredients(reversed(said)), length=300, max_tokens=100)

    assert prompt.messages[-1].text == said[-1].text
    assert prompt.messages[0].role is USER
    assert 1 < prompt.taken_count < 41


def test_a_message_longer_than_the_window_is_sent_alone_with_the_system_prompt() -> None:
    long = "word " * 10_000

    prompt = build(Ingredients([Said(USER, long), Said(ASSISTANT, "No")], system="Be brief."), length=100)

    assert [m.text for m in prompt.messages] == ["Be brief.", long]


def test_what_does_not_fit_is_not_even_read() -> None:
    read = 0

    def endless() -> Iterator[Said]:
        nonlocal read
        while True:
            read += 1
            yield Said(USER, "word " * 50)

    build(Ingredients(endless()), length=1000)

    assert read < 30


def test_parts_come_in_their_order_and_are_reported() -> None:
    question = Said(USER, "Why?", (Document("a.csv", "1,2"),), (Image("image/png", b""),), ("b.png",))
    given = Ingredients(
        [question, Said(ASSISTANT, "So."), Said(USER, "How?")],
        system="Be brief.",
        project_name="Delphi",
        instructions="Cite sources.",
        files=(Document("notes.md", "# Notes"),),
    )

    prompt = build(given)

    assert parts_of(prompt) == [
        ("system", "", False), ("project", "Delphi", False), ("file", "notes.md", False), ("history", "", False),
        ("attachments", "a.csv", False), ("attachments", "b.png", False),
    ]  # fmt: skip
    system, *_, asked = prompt.messages
    assert system.text.index("Be brief.") < system.text.index("Cite sources.") < system.text.index("# Notes")
    assert asked.text == "``` a.csv\n1,2\n```\n\nWhy?"
    report = prompt.report("demo", 0)
    assert report["used"] == sum(part["token_count"] for part in report["parts"])
    assert report["parts"][3]["message_count"] == 3
    assert (report["context_length"], report["reserved_for_answer"], report["model"]) == (4096, 1024, "demo")


def test_a_large_file_is_cut_where_a_line_ends_and_says_so() -> None:
    text = "\n".join(f"line {n} of many" for n in range(5000))

    prompt = build(Ingredients([Said(USER, "Why?", (Document("log.txt", text),))]), length=1000)

    asked = prompt.messages[-1].text
    assert "more characters]\n```\n\nWhy?" in asked
    kept = asked.split("\n[… cut, ")[0].removeprefix("``` log.txt\n")
    assert text.startswith(kept + "\n")
    gone = int(asked.split("[… cut, ")[1].split(" ")[0].replace(",", ""))
    assert len(kept) + gone == len(text)
    assert [part.is_cut for part in prompt.parts] == [False, True]
    assert count(asked) < 750


def test_what_the_history_does_not_need_goes_back_to_the_files() -> None:
    files = (Document("large.txt", "word " * 600),)

    alone = build(Ingredients([Said(USER, "Why?")], files=files), length=1000)
    crowded = build(Ingredients(reversed(alternating(31)), files=files), length=1000)

    assert parts_of(alone)[0] == ("file", "large.txt", False)
    assert parts_of(crowded)[0] == ("file", "large.txt", True)
    assert crowded.taken_count > 5


def test_small_files_stay_whole_beside_a_large_one() -> None:
    documents = [Document("large.txt", "word " * 5000), Document("small.txt", "few words")]

    large, small = blocks_within(documents, 500, count)

    assert (large.is_cut, small.is_cut) == (True, False)
    assert large.token_count + small.token_count <= 500


def test_a_file_there_is_no_room_for_is_named() -> None:
    said = Said(USER, "word " * 700, (Document("late.txt", "word " * 100),))

    prompt = build(Ingredients([said]), length=1000)

    assert "[The file late.txt did not fit and was left out.]" in prompt.messages[-1].text
    assert prompt.parts[-1].is_cut


def test_files_of_older_messages_stay_with_them() -> None:
    older = Said(USER, "Read this.", (Document("a.txt", "Zeus"),))

    prompt = build(Ingredients([Said(USER, "And?"), Said(ASSISTANT, "Read."), older]))

    assert prompt.messages[0].text == "``` a.txt\nZeus\n```\n\nRead this."


def test_a_system_prompt_longer_than_its_budget_is_cut() -> None:
    prompt = build(Ingredients([Said(USER, "Why?")], system="word " * 5000), length=1000)

    assert parts_of(prompt)[0] == ("system", "", True)
    assert "more characters]" in prompt.messages[0].text
    assert sum(part.token_count for part in prompt.parts) <= 750


def test_without_a_question_the_history_alone_is_counted() -> None:
    prompt = build(Ingredients(reversed(alternating(4)), has_question=False))

    assert prompt.taken_count == 4
    assert build(Ingredients((), has_question=False)).parts[-1].kind is PartKind.HISTORY


@pytest.mark.parametrize("inner", ["```", "`````", "a ```` b", "` " * 1000])
def test_a_fence_is_longer_than_any_run_within(inner: str) -> None:
    block = fenced(Document("x`y.md", inner))

    fence = block.split(" ", 1)[0]
    assert set(fence) == {"`"}
    assert fence not in inner
    assert block.startswith(f"{fence} x'y.md\n")
    assert block.endswith(f"\n{fence}")


@pytest.mark.parametrize("text", ["", "x", "word " * 3000, "字" * 5000, "\n" * 5000, "x" * 99 + "\n" + "y" * 9999])
@pytest.mark.parametrize("budget", [0, 1, 7, 100, 100_000])
def test_a_cut_keeps_a_beginning_within_its_budget(text: str, budget: int) -> None:
    kept, gone = cut_to(text, budget, count_tokens)

    assert text.startswith(kept)
    assert len(kept) + gone == len(text)
    assert count_tokens(kept) <= budget
    assert gone == 0 or count_tokens(text) > budget


@pytest.mark.timeout(20)  # a machine in a storm; it takes a quarter of a second
def test_hostile_files_take_bounded_time() -> None:
    for text in ("`" * 2_000_000, "` " * 1_000_000, "\n" * 2_000_000, "字" * 700_000):
        prompt = build_prompt(
            Ingredients([Said(USER, "Why?", (Document("a", text),))]),
            context_length=8192, max_tokens=None, count_tokens=count_tokens,
        )  # fmt: skip

        assert sum(part.token_count for part in prompt.parts) <= prompt.context_length - prompt.reserved_for_answer
