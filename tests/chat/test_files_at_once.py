"""A file that is sent and removed in the same moment: it is sent whole, or the message is refused."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from apps.chat.attaching import remove_attachment
from apps.chat.contracts import Receipt
from apps.chat.errors import AttachmentRefused
from apps.chat.models import Attachment, Conversation
from apps.chat.services import edit_message, fork_conversation, remove_deleted
from tests.chat.saying import answer, attach, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_time", range(5))
def test_a_file_is_sent_or_removed_never_both(_time: int, owner: Someone) -> None:
    file_id = attach(owner)
    results: list[object] = []
    barrier = threading.Barrier(2)

    def one(work: object) -> None:
        try:
            barrier.wait(10)
            results.append(work())  # type: ignore[operator]
        except AttachmentRefused as error:
            results.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=one, args=[lambda: post(owner, attachment_ids=[file_id])]),
        threading.Thread(target=one, args=[lambda: remove_attachment(owner.actor, attachment_id=file_id)]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    sent = [result for result in results if isinstance(result, Receipt)]
    rows = list(Attachment.objects.all())
    assert len(rows) == len(sent)
    assert all(row.message_id == sent[0].message and Path(row.file.path).exists() for row in rows)
    assert len(results) == 2


def test_a_file_goes_with_the_last_row_that_names_it(owner: Someone) -> None:
    first = post(owner, attachment_ids=[attach(owner)])
    answer(first)
    edit_message(owner.actor, client_id="e", message_id=first.message, text="Rather")  # type: ignore[arg-type]
    path = Path(Attachment.objects.first().file.path)  # type: ignore[union-attr]
    fork_id = fork_conversation(owner.actor, conversation_id=first.conversation, message_id=first.answer)
    month_ago = timezone.now() - timedelta(days=31)

    Conversation.objects.exclude(pk=fork_id).update(deleted_at=month_ago)
    remove_deleted()
    after_source = path.exists(), Attachment.objects.count()
    Conversation.objects.update(deleted_at=month_ago)
    remove_deleted()

    assert after_source == (True, 1)
    assert (path.exists(), Attachment.objects.count()) == (False, 0)
