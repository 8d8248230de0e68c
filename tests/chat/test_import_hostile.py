"""Files made to break the reader are refused in words, in bounded time, and never stop what is good beside them."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from apps.chat.engine.transfer import Export, ReadConversation, Unread, reading, tree
from apps.chat.engine.transfer import archive as archives
from apps.chat.models import Conversation, Message, Project
from apps.chat.services import projects
from tests.chat.transferring import as_json, bring_in, chatgpt, zipped
from tests.support.cast import Someone

GOOD = chatgpt(("a", "user", None, "Hi"), ("b", "assistant", "a", "Hello"), key="good")


def read(data: bytes) -> list[Any]:
    """All there is in a file."""
    return list(Export(io.BytesIO(data)))


def reasons(data: bytes) -> list[str]:
    """Why parts of a file were not read."""
    return [item.reason.value for item in read(data) if isinstance(item, Unread)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello", "unknown_format"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "unknown_format"),
        (b"[" * 100_000, "cut_off"),
        (b'{"a":' * 100_000, "cut_off"),
        (b"[" * 200_000 + b"]" * 200_000, "too_large"),
        (b"[1, 2", "not_a_conversation"),
        (b'[{"mapping": {}}]', "no_messages"),
        (b'[{"mapping": {"a": 5, "b": null, "c": {"message": []}}}]', "no_messages"),
        (b'[{"mapping": "x"}]', "not_a_conversation"),
        (b'[{"chat_messages": [1, null, {}]}]', "no_messages"),
        (b'[{"chat": {"history": {"messages": {"a": 1}}}}]', "no_messages"),
        (b'{"conversationId": 1, "messages": [[[]]]}', "no_messages"),
        (b'[{"format": "olympus.conversation/1"}]', "no_messages"),
        (b'["\xff\xfe"]', "not_json"),
        (b"[NaN]", "not_json"),
        (b"[" + b"9" * 10_000 + b"]", "not_json"),
        (b"[1e99999999999999999999]", "not_json"),
    ],
)  # fmt: skip
def test_a_broken_file_says_what_is_wrong(data: bytes, reason: str) -> None:
    assert reasons(data)[0] == reason


def test_a_file_that_breaks_off_gives_what_came_before() -> None:
    data = as_json(GOOD, GOOD)

    found = read(data[:-40])

    assert [type(item) for item in found] == [ReadConversation, Unread]


@pytest.mark.django_db
def test_one_broken_conversation_does_not_stop_the_others(member: Someone) -> None:
    job = bring_in(member, as_json({"mapping": []}, GOOD, 7, {"title": "Odd", "mapping": {}}))

    assert (job.state, job.done_count, job.failed_count) == ("complete", 1, 3)
    assert {"title": "Odd", "reason": "no_messages", "detail": ""} in job.report


@pytest.mark.django_db
@pytest.mark.parametrize("data", [b"hello", b"[]", b"[1]", b'{"a": 1}'])
def test_a_file_of_which_nothing_can_be_read_is_an_error(data: bytes, member: Someone) -> None:
    job = bring_in(member, data)

    assert job.state == "error"
    assert job.error_message in {"unknown_format", "empty", "not_a_conversation"}


def test_circles_and_dangling_parents_are_cut() -> None:
    circle = chatgpt(
        ("a", "user", "d", "one"), ("b", "assistant", "a", "two"), ("c", "user", "b", "three"),
        ("d", "assistant", "c", "four"), ("e", "user", "nowhere", "five"), ("f", "user", "f", "six"),
    )  # fmt: skip

    (found,) = read(as_json(circle))

    texts = [node.text for node in found.nodes]
    assert {"one", "two", "three", "four", "five", "six"} <= set(texts)
    by_key = {node.key: node for node in found.nodes}
    for node in found.nodes:
        above = by_key[node.parent].role if node.parent else "assistant"
        assert above != node.role


def test_a_conversation_of_more_messages_than_are_kept_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_MESSAGES", 2000)
    rows = [(str(n), "assistant" if n % 2 else "user", str(n - 1) if n else None, "x") for n in range(3000)]

    assert reasons(as_json(chatgpt(*rows))) == ["too_many_messages"]


@pytest.mark.parametrize("size", range(1, 40))
def test_surrogates_are_whole_or_replaced_wherever_a_piece_ends(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class InPieces(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            return super().read(size)

    words = rb"\ud83d\ude00 \\\ud83d \\\\ud83d \ude00\\" + rb"\\" * 20

    found = list(reading.values_of(InPieces(b'["' + words + b'"]')))

    assert found == ["\U0001f600 \\\ufffd \\\\ud83d \ufffd\\" + "\\" * 20]


def test_a_conversation_past_the_bounds_is_left_out_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_CHARS", 5000)
    large = chatgpt(("a", "user", None, "x" * 6000), key="large")

    found = read(as_json(large, GOOD))

    assert found[0].reason.value == "too_large"
    assert found[1].key == "good"


def test_a_fan_of_branches_below_long_parts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_MAX_CHARS", 1_000_000)
    fan = [("a", "user", None, "Hi"), ("b", "assistant", "a", "x" * 100_000)]
    fan += [(f"c{n}", "assistant", "b", "more") for n in range(50)]

    assert reasons(as_json(chatgpt(*fan))) == ["too_many_messages"]


@pytest.mark.parametrize(
    "more", [{"thinking": "x" * 1000}, {"tool_calls": [{"name": "x", "arguments": {"a": "y" * 900}}]}]
)
def test_a_message_in_many_parts_with_answers_to_each_is_not_written_out_without_end(more: dict[str, Any]) -> None:
    messages: list[dict[str, Any]] = []
    for n in range(1000):
        messages.append({"id": f"q{n}", "parent": f"q{n - 1}" if n else None, "role": "user", "text": "a", **more})
        messages.append({"id": f"a{n}", "parent": f"q{n}", "role": "assistant", "text": "b"})

    assert reasons(as_json({"format": "olympus.conversation/1", "messages": messages})) == ["too_many_messages"]


def test_files_of_a_message_in_many_parts_are_not_stored_again_without_end() -> None:
    messages: list[dict[str, Any]] = []
    for n in range(40):
        parts = {"parent": f"q{n - 1}" if n else None, "attachments": [{"name": "a", "path": "b"}]}
        messages.append({"id": f"q{n}", "role": "user", **parts})
        messages.append({"id": f"a{n}", "parent": f"q{n}", "role": "assistant", "text": "b"})

    assert reasons(as_json({"format": "olympus.conversation/1", "messages": messages})) == ["too_many_messages"]


def test_a_message_in_very_many_parts_is_not_joined_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_MAX_COPIED_CHARS", 1_000_000)
    parts = [(str(n), "user", str(n - 1) if n else None, "x") for n in range(2000)]

    assert reasons(as_json(chatgpt(*parts))) == ["too_many_messages"]


@pytest.mark.parametrize("place", ["title", "create_time", "update_time", "mapping", "current_node", "is_archived"])
@pytest.mark.parametrize("odd", [b"[" * 3000 + b"]" * 3000, b'{"a":' * 3000 + b"1" + b"}" * 3000, b"[[]]", b"1e308"])
def test_an_odd_value_stops_no_other_conversation(place: str, odd: bytes) -> None:
    head = chatgpt(("a", "user", None, "Hi"))
    del head["conversation_id"]

    found = read(b"[" + json.dumps({**head, place: "HERE"}).encode().replace(b'"HERE"', odd) + b"," + as_json(GOOD)[1:])

    assert found[-1].key == "good"


@pytest.mark.parametrize("odd", [[], {}, [[{}]], 1, None])
def test_an_odd_kind_of_content_is_passed_over(odd: object) -> None:
    head = chatgpt(("a", "user", None, "Hi"), ("b", "assistant", "a", "Hello"))
    head["mapping"]["b"]["message"]["content"]["content_type"] = odd

    assert [type(item) for item in read(as_json(head))] == [ReadConversation]


@pytest.mark.timeout(20)
def test_marks_that_only_begin_cost_no_more_than_reading_them() -> None:
    head = chatgpt(("a", "user", None, "\ue200" * 1_000_000 + "cite\ue201 Hi"))

    (found,) = read(as_json(head))

    assert found.nodes[0].text.endswith("\ue200 Hi")


def test_librechat_nested_a_thousand_deep_is_read_and_deeper_is_refused() -> None:
    def nested(depth: int) -> bytes:
        head = "".join(
            f'{{"messageId":"{n}","isCreatedByUser":{"true" if n % 2 == 0 else "false"},"text":"t{n}","children":['
            for n in range(depth)
        )
        return f'{{"conversationId":"x","recursive":true,"messagesTree":[{head}{"]}" * depth}]}}'.encode()

    (found,) = read(nested(1000))

    assert len(found.nodes) == 1000
    assert reasons(nested(30_000)) == ["too_large"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "context",
    [
        {"a": 1},
        {"parts": "abc"},
        {"parts": [1]},
        {"parts": [{"kind": "evil", "label": ""}]},
        {"parts": [], "used": "x"},
    ],
)
def test_a_report_of_a_prompt_that_is_none_is_left_out(context: dict[str, Any], member: Someone) -> None:
    messages = [
        {"id": "a", "role": "user", "text": "Hi"},
        {"id": "b", "parent": "a", "role": "assistant", "text": "Ho", "state": "complete", "context": context},
    ]

    bring_in(member, as_json({"format": "olympus.conversation/1", "id": "x", "messages": messages}))

    assert Message.objects.get(role="assistant").context is None


@pytest.mark.django_db
def test_a_project_comes_along_within_the_bounds_of_any(member: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projects, "MAX_PROJECTS", 2)
    messages = [{"id": "a", "role": "user", "text": "Hi"}]
    named = [{"name": " A\n B ", "instructions": "x" * 30_000}, {"name": "B"}, {"name": "C"}, {"name": " \t "}]

    job = bring_in(member, as_json(*[
        {"format": "olympus.conversation/1", "id": str(n), "messages": messages, "project": project}
        for n, project in enumerate(named)
    ]))  # fmt: skip

    assert job.done_count == 4
    made = Project.objects.filter(owner=member.user).order_by("name")
    assert [(project.name, len(project.instructions)) for project in made] == [("A B", 20_000), ("B", 0)]


@pytest.mark.django_db
def test_files_of_a_conversation_that_is_not_taken_leave_nothing_behind(
    member: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 3000)
    files = [{"name": f"{n}.txt", "path": "words"} for n in range(10)]
    messages = [{"id": "a", "role": "user", "text": "Hi", "attachments": files}]
    own = {"format": "olympus.conversation/1", "id": "x", "messages": messages}

    job = bring_in(member, zipped({"conversations.json": json.dumps([own]), "words": b"x" * 500}))

    assert (job.state, job.failed_count) == ("error", 1)
    assert [
        path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file() and "attachments" in path.parts
    ] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"format": {"x": "y" * 300_000}}, {}),
        ({"temporary": True, "top_k": 3}, {"top_k": 3}),
        ({"temperature": 0.5, "evil": 1}, {}),
    ],
)
def test_options_come_along_within_the_bounds_of_any(
    options: dict[str, Any], kept: dict[str, Any], member: Someone
) -> None:
    own = {
        "format": "olympus.conversation/1", "id": "x", "settings": {"options": options},
        "messages": [{"id": "a", "role": "user", "text": "Hi", "options": options}],
    }  # fmt: skip

    bring_in(member, as_json(own))

    assert Message.objects.get(role="user").options == kept
    assert Conversation.objects.get().settings == ({"options": kept} if kept else {})


@pytest.mark.django_db
def test_texts_no_store_takes_are_cleaned(member: Someone) -> None:
    odd = b'[{"conversation_id":"\\u0000x","title":"\\ud800 T\\u0000","create_time":1e300,"mapping":{"a\\u0000":{"message":{"author":{"role":"user"},"create_time":-5e300,"content":{"content_type":"text","parts":["N\\u0000UL \\udfff"]}}}}}]'

    job = bring_in(member, odd)

    assert job.done_count == 1, job.report
    assert "\x00" not in Conversation.objects.get().title
    assert Message.objects.get(role="user").text.startswith("N\ufffdUL")


@pytest.mark.django_db
@pytest.mark.parametrize("at", [0, -1, 1e30, "yesterday", "9999-12-31T23:59:59Z", "0001-01-01", True, [], {}, "1e400"])
def test_absurd_times_become_the_time_of_the_import(at: object, member: Someone) -> None:
    odd = chatgpt(("a", "user", None, "Hi"), ("b", "assistant", "a", "Hello"), create_time=at, update_time=at)
    for node in odd["mapping"].values():
        node["message"]["create_time"] = at

    assert bring_in(member, as_json(odd)).done_count == 1
    assert Conversation.objects.get().created_at.year >= 2025


@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9])
def test_times_in_any_unit_are_the_same_time(unit: int) -> None:
    one = chatgpt(("a", "user", None, "Hi"), create_time=1_700_000_000 * unit)

    (found,) = read(as_json(one))

    assert found.created_at.isoformat() == "2023-11-14T22:13:20+00:00"


@pytest.mark.django_db
def test_paths_in_our_own_export_lead_nowhere_else(member: Someone) -> None:
    hostile = {
        "format": "olympus.conversation/1", "id": "x", "title": "T", "settings": {"options": {"tools": 5}},
        "messages": [
            {"id": "a", "role": "user", "text": "Hi", "attachments": [{"name": "../../etc/passwd", "path": "/etc/passwd"}]},
            {"id": "b", "parent": "a", "role": "assistant", "text": "Ho", "state": "streaming", "token_count": -5,
             "options": {"temperature": "hot"}, "tool_calls": [1, {"name": "x"}], "context": [[]]},
        ],
    }  # fmt: skip

    job = bring_in(member, zipped({"conversations.json": json.dumps([hostile])}))

    assert (job.done_count, job.report[0]["reason"]) == (1, "file_missing")
    answer = Message.objects.get(role="assistant")
    assert (answer.state, answer.options, answer.token_count) == ("interrupted", {}, 0)
    assert Conversation.objects.get().settings == {}
