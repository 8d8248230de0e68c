"""Messages and branches over REST."""

from collections.abc import Callable
from typing import Any

from apps.chat.models import Conversation, Message
from apps.chat.services import post_message
from tests.api.conftest import Api
from tests.chat.saying import answer, attach, post
from tests.support.cast import Someone


def talk(who: Someone, *texts: str) -> list[Any]:
    """Say things one after the other, each answered."""
    said: list[Any] = []
    for number, text in enumerate(texts):
        more = {"conversation_id": said[0].conversation} if said else {}
        said.append(post_message(who.actor, client_id=f"talk-{number}", text=text, **more))
        answer(said[-1], f"To {text}")
    return said


def texts_of(answer: Any) -> list[str]:
    return [row["text"] for row in answer.json()["results"]]


def test_the_branch_being_read_is_shown_oldest_first(api: Api, owner: Someone) -> None:
    first = talk(owner, "one", "two")[0]

    shown = api.get(f"conversations/{first.conversation}/messages")

    assert texts_of(shown) == ["one", "To one", "two", "To two"]
    assert shown.json()["window"] == {
        "leaf": shown.json()["results"][-1]["id"],
        "total": 4,
        "first": 0,
        "last": 3,
        "has_before": False,
        "has_after": False,
        "is_active": True,
    }


def test_a_window_takes_as_many_queries_however_much_is_said(
    api: Api, owner: Someone, django_assert_num_queries: Callable[..., Any]
) -> None:
    first = talk(owner, *"abcdefgh")[0]

    # Session, person, membership, temporary ones none; the conversation, the ends, the climb, messages, files.
    with django_assert_num_queries(8):
        api.get(f"conversations/{first.conversation}/messages")


def test_what_is_above_and_below_a_message_is_shown(api: Api, owner: Someone) -> None:
    said = talk(owner, "one", "two", "three")
    place = f"conversations/{said[0].conversation}/messages"

    assert texts_of(api.get(f"{place}?before={said[1].message}")) == ["one", "To one"]
    assert texts_of(api.get(f"{place}?after={said[1].answer}")) == ["three", "To three"]
    assert api.get(f"{place}?after={said[1].answer}&before={said[1].answer}").status_code == 422


def test_a_message_carries_its_files_and_its_run(api: Api, owner: Someone) -> None:
    file = attach(owner)
    said = post(owner, "Look", attachment_ids=[file])

    question = api.get(f"messages/{said.message}").json()
    reply = api.get(f"messages/{said.answer}").json()

    assert [each["id"] for each in question["attachments"]] == [str(file)]
    assert (reply["run"], reply["state"], reply["parent"]) == (str(said.run_id), "queued", str(said.message))
    assert reply["error"] is None


def test_why_an_answer_failed_is_told(api: Api, owner: Someone) -> None:
    said = post(owner)
    Message.objects.filter(pk=said.answer).update(state="error", error_code="stream_cut", error_message="It broke.")

    assert api.get(f"messages/{said.answer}").json()["error"] == {"code": "stream_cut", "message": "It broke."}


def test_a_message_is_posted_and_its_run_named(api: Api, owner: Someone) -> None:
    first = talk(owner, "one")[0]

    posted = api.post(f"conversations/{first.conversation}/messages", {"text": "two"}, idempotency_key="k")
    again = api.post(f"conversations/{first.conversation}/messages", {"text": "two"}, idempotency_key="k")

    body = posted.json()
    assert (posted.status_code, posted["Location"]) == (202, f"/api/v1/runs/{body['run']}")
    assert again.json() == body
    assert api.get(posted["Location"]).json()["answer"] == body["answer"]
    assert Message.objects.filter(text="two").count() == 1


def test_an_answer_again_and_an_edit_stand_beside_the_first(api: Api, owner: Someone) -> None:
    said = talk(owner, "one")[0]

    again = api.post(f"messages/{said.answer}/regenerate", {"options": {"temperature": 0}}).json()
    edited = api.post(f"messages/{said.message}/edit", {"text": "uno"}).json()

    beside = [row["id"] for row in api.get(f"messages/{said.answer}/siblings").json()["results"]]
    assert beside == [str(said.answer), again["answer"]]
    assert texts_of(api.get(f"messages/{edited['message']}/siblings")) == ["one", "uno"]


def test_an_answer_being_written_is_not_asked_for_again(api: Api, owner: Someone) -> None:
    said = post(owner)

    refused = api.post(f"messages/{said.answer}/regenerate", {})

    assert (refused.status_code, refused.json()["code"]) == (409, "answer_running")


def test_branches_are_listed_and_chosen(api: Api, owner: Someone) -> None:
    said = talk(owner, "one")[0]
    edited = api.post(f"messages/{said.message}/edit", {"text": "uno"}).json()
    place = f"conversations/{said.conversation}"

    branches = api.get(f"{place}/branches").json()["results"]
    chosen = api("PUT", f"{place}/branch", {"message": str(said.message)})

    assert [(branch["leaf"], branch["is_active"]) for branch in branches] == [
        (edited["answer"], True),
        (str(said.answer), False),
    ]
    assert chosen.json()["active_leaf"] == str(said.answer)
    assert texts_of(api.get(f"{place}/messages")) == ["one", "To one"]
    assert texts_of(api.get(f"{place}/messages?leaf={edited['answer']}"))[0] == "uno"


def test_a_message_of_another_conversation_is_no_branch_of_this(api: Api, owner: Someone) -> None:
    mine, other = talk(owner, "one")[0], post(owner, "elsewhere")

    assert api("PUT", f"conversations/{mine.conversation}/branch", {"message": str(other.message)}).status_code == 404


def test_a_fork_is_a_conversation_of_its_own(api: Api, owner: Someone) -> None:
    said = talk(owner, "one", "two")

    fork = api.post(f"conversations/{said[0].conversation}/fork", {"message": str(said[0].answer)})

    assert fork.status_code == 201
    assert texts_of(api.get(f"{fork['Location']}/messages")) == ["one", "To one"]
    assert Conversation.objects.count() == 2
