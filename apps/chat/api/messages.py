"""Messages over REST: a conversation's, a window at a time; one by itself; asked again and edited."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.access import conversation_for_reading, message_for_reading
from apps.chat.api.posting import accepted, receipt_answer
from apps.chat.engine.windows import Ask, AskKind, find_window
from apps.chat.selectors import StoredTree
from apps.chat.selectors.leaves import attachments_of, messages_by_id, siblings_in_place
from apps.chat.serializers.messages import (
    AgainSerializer,
    EditSerializer,
    MessageSerializer,
    MessageWindowQuery,
    MessageWindowSerializer,
    PostSerializer,
    ReceiptSerializer,
    SiblingsQuery,
    WindowSerializer,
)
from apps.chat.services.answering import regenerate
from apps.chat.services.posting import edit_message
from olympus.kernel.actor import Actor
from olympus.kernel.ids import uuid7
from olympus.kernel.rest import answer, body_of, once_by_key, operation, page_of, page_serializer, query_of

_TAGS = ("messages",)
_KINDS = {"before": AskKind.BEFORE, "after": AskKind.AFTER, "around": AskKind.AROUND}


def shown_messages(messages: list[Any]) -> list[Any]:
    """This will show messages with their files, in one query more however many there are."""
    return list(MessageSerializer(messages, many=True, context=_files_of(messages)).data)


def _files_of(messages: list[Any]) -> dict[str, Any]:
    return {"attachments": attachments_of([message.pk for message in messages])}


class ConversationMessagesView(APIView):
    """What is said in a conversation."""

    @operation(
        "conversations_messages_list",
        summary="Read messages of a conversation",
        tags=_TAGS,
        query=MessageWindowQuery,
        answers=MessageWindowSerializer,
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """The newest messages of the branch being read, or a part of it, or of another branch; oldest first.

        A conversation is a tree, so it is read along one branch, a window at a time.
        """
        asked = query_of(request, MessageWindowQuery)
        conversation = conversation_for_reading(request.actor, conversation_id)
        kind = next((kind for name, kind in _KINDS.items() if name in asked), AskKind.NEWEST)
        place = next((asked[name] for name in _KINDS if name in asked), None)
        tree = StoredTree(conversation.pk)
        window = find_window(tree, conversation.active_leaf_id, Ask(kind, place, leaf=asked.get("leaf")))
        messages = messages_by_id([node.id for node in window.nodes])
        return answer(request, {"results": shown_messages(messages), "window": WindowSerializer(window).data})

    @operation(
        "conversations_messages_create",
        summary="Post a message",
        tags=_TAGS,
        request=PostSerializer,
        answers={202: ReceiptSerializer},
        errors=(404, 409, 429, 503),
        is_repeatable=True,
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Post a message and have it answered; follow the run at `Location`, or read the answer when it is over."""
        body = {**body_of(request, PostSerializer), "conversation": conversation_id}
        return once_by_key(request, lambda: receipt_answer(request.actor, body))


class MessageView(APIView):
    """One message."""

    @operation(
        "messages_retrieve",
        summary="Read a message",
        tags=_TAGS,
        answers=MessageSerializer,
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, message_id: UUID) -> Response:
        """One message with its files."""
        query_of(request)
        return answer(request, shown_messages([message_for_reading(request.actor, message_id)])[0])


class MessageSiblingsView(APIView):
    """What stands in the same place."""

    @operation(
        "messages_siblings_list",
        summary="List the siblings of a message",
        tags=_TAGS,
        query=SiblingsQuery,
        answers=page_serializer(MessageSerializer),
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, message_id: UUID) -> Response:
        """All answers to the same message, or all edits of one, the first first; the message itself is among them."""
        query_of(request, SiblingsQuery)
        message = message_for_reading(request.actor, message_id)
        return page_of(request, siblings_in_place(message), MessageSerializer, order="id", context=_files_of)


class MessageRegenerateView(APIView):
    """Another answer."""

    @operation(
        "messages_regenerate",
        summary="Answer again",
        tags=_TAGS,
        request=AgainSerializer,
        answers={202: ReceiptSerializer},
        errors=(404, 409, 429, 503),
        is_repeatable=True,
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        """Have the same message answered again beside this answer, by another model if one is named."""
        actor: Actor = request.actor
        body = body_of(request, AgainSerializer)
        return once_by_key(
            request,
            lambda: accepted(
                regenerate(
                    actor,
                    client_id=uuid7().hex,
                    message_id=message_id,
                    model=body.get("model"),
                    options=body.get("options"),
                )
            ),
        )


class MessageEditView(APIView):
    """A message as it should have been."""

    @operation(
        "messages_edit",
        summary="Edit a message",
        tags=_TAGS,
        request=EditSerializer,
        answers={202: ReceiptSerializer},
        errors=(404, 409, 429, 503),
        is_repeatable=True,
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        """Post a changed message beside this one and have it answered; both branches stay."""
        actor: Actor = request.actor
        body = body_of(request, EditSerializer)
        return once_by_key(
            request,
            lambda: accepted(
                edit_message(
                    actor,
                    client_id=uuid7().hex,
                    message_id=message_id,
                    text=body["text"],
                    attachment_ids=body.get("attachments"),
                )
            ),
        )
