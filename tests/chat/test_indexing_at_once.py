"""Two workers that read changed texts at the same moment: the newest words are those found."""

import threading
from typing import Any

import pytest
from django.db import connection

from apps.chat.models import Message, SearchPending
from apps.chat.pages.search import search_conversations
from apps.chat.services.indexing import index_pending
from tests.chat.saying import post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)
_PATIENCE_S = 10.0


def test_a_text_that_changes_while_it_is_read_is_found_by_its_new_words(owner: Someone) -> None:
    message_id = post(owner, "Hedgehog").message
    assert message_id is not None
    has_read, may_store = threading.Event(), threading.Event()

    def hold(execute: Any, sql: str, *rest: Any) -> Any:
        if "INSERT INTO chat_searchentry" in sql:
            has_read.set()
            may_store.wait(_PATIENCE_S)
        return execute(sql, *rest)

    def slow() -> None:
        with connection.execute_wrapper(hold):
            index_pending()
        connection.close()

    reader = threading.Thread(target=slow)
    reader.start()
    assert has_read.wait(_PATIENCE_S)
    Message.objects.filter(pk=message_id).update(text="Porcupine")
    index_pending()
    may_store.set()
    reader.join(_PATIENCE_S)
    while index_pending():
        pass

    assert not SearchPending.objects.exists()
    assert len(search_conversations(owner.actor, "porcupine").hits) == 1
    titles_only = search_conversations(owner.actor, "hedgehog").hits
    assert [hit.snippet for hit in titles_only if hit.snippet] == []
