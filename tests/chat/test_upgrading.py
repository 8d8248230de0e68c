"""What was written before the whole chat came: it survives the migrations forward, and they go back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.accounts import facade as accounts
from apps.accounts.models import User
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.pages.search import Hit, search_conversations
from apps.chat.services.indexing import index_pending

pytestmark = pytest.mark.django_db(transaction=True)
_BEFORE = [("accounts", "0002_default_organization"), ("agents", "0001_initial"), ("chat", "0001_initial")]
_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def migrate(targets: Any) -> Any:
    """This will bring the tables to these migrations and give the models as they are there."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def migrate_to_now() -> None:
    """This will apply all there is."""
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


@pytest.fixture
def then() -> Iterator[Any]:
    """The models of then over the tables of then; the test leaves the tables as they are now."""
    try:
        yield migrate(_BEFORE)
    finally:
        migrate_to_now()


@pytest.fixture
def written_then(then: Any) -> None:
    """A conversation of a question with a file and its answer."""
    organization = then.get_model("accounts", "Organization").objects.create(name="Quarry")
    person = then.get_model("accounts", "User").objects.create(email="hegeso@example.org")
    then.get_model("accounts", "Membership").objects.create(organization=organization, user=person, role="member")
    theirs = {"organization": organization, "owner": person}
    conversation = then.get_model("chat", "Conversation").objects.create(title="Of marble", updated_at=_AT, **theirs)
    message = then.get_model("chat", "Message")
    question = message.objects.create(conversation=conversation, role="user", text="Where is Paros?", **theirs)
    answer = message.objects.create(
        conversation=conversation, parent=question, depth=1, role="assistant", text="In the Aegean.", **theirs
    )
    then.get_model("chat", "Attachment").objects.create(
        message=question, name="map.png", media_type="image/png", size_bytes=3, file="attachments/ab/abc", **theirs
    )
    conversation.active_leaf = answer
    conversation.save()


@pytest.mark.usefixtures("written_then")
def test_what_was_written_before_survives_the_migrations() -> None:
    migrate_to_now()

    conversation = Conversation.objects.get()
    question, answer = Message.objects.order_by("depth")
    assert (conversation.title, conversation.settings, conversation.is_unread) == ("Of marble", {}, False)
    assert (conversation.updated_at, conversation.pinned_at, conversation.active_leaf) == (_AT, None, answer)
    assert (question.text, answer.text, answer.parent) == ("Where is Paros?", "In the Aegean.", question)
    assert Attachment.objects.get().message == question


@pytest.mark.usefixtures("written_then")
def test_what_was_written_before_is_found() -> None:
    migrate_to_now()

    while index_pending():
        pass

    shown = [hit.plain_title if hit.message_id is None else hit.role for hit in found("marble") + found("aegean")]
    assert shown == ["Of marble", "assistant"]


def found(words: str) -> list[Hit]:
    """This will search as the one person there is."""
    actor = accounts.actor_for_user(User.objects.get())
    assert actor is not None
    return search_conversations(actor, words).hits
