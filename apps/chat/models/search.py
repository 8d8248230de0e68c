"""What search reads: the words of titles and messages, and what is still to be read."""

from typing import ClassVar

from django.db import models

from apps.chat.models.conversations import Conversation


class WordsField(models.Field):  # type: ignore[type-arg]  # not generic at run time
    """A tsvector; only SQL writes and reads it."""

    def db_type(self, connection: object) -> str:
        """The column's type in Postgres."""
        return "tsvector"


class SearchEntry(models.Model):
    """The words of one message or, if `is_title`, of one title; `id` is the message's or the conversation's.

    An index that is made again from the texts at any time: it goes with its conversation by
    the database's own cascade, and nobody edits it. Each lexeme begins with a tag of its
    owner and kind, so that one person's words are one stretch of the index.
    """

    id = models.UUIDField(primary_key=True)
    owner_id = models.UUIDField()
    conversation = models.ForeignKey(Conversation, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    is_title = models.BooleanField()
    at = models.DateTimeField()
    words = WordsField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner_id", "is_title", "-at", "-id"], name="search_newest")]

    def __str__(self) -> str:
        return f"words of {self.id}"


class SearchPending(models.Model):
    """A text that changed and is not in the index yet; triggers write these, so that no way of writing forgets to."""

    id = models.BigAutoField(primary_key=True)
    owner_id = models.UUIDField()
    subject_id = models.UUIDField()
    is_title = models.BooleanField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner_id", "-id"], name="search_pending_of")]

    def __str__(self) -> str:
        return f"to read: {self.subject_id}"
