"""Conversations over REST: list, begin, change, delete and take that back."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.agents import facade as agents
from apps.chat import services
from apps.chat.access import conversation_for_reading, conversation_for_writing
from apps.chat.selectors.listing import matching_conversations
from apps.chat.serializers.conversations import (
    ConversationChangeSerializer,
    ConversationQuery,
    ConversationSerializer,
    NewConversationSerializer,
)
from olympus.kernel.actor import Actor
from olympus.kernel.rest import (
    answer,
    body_of,
    check_unchanged,
    once_by_key,
    operation,
    page_of,
    page_serializer,
    query_of,
)

_TAGS = ("conversations",)


def shown_conversation(actor: Actor, conversation: Any) -> dict[str, Any]:
    """This will show one conversation as programs see it."""
    answering = agents.live_threads_of(actor.user_id)
    return dict(ConversationSerializer(conversation, context={"answering": answering}).data)


class ConversationsView(APIView):
    """The person's conversations."""

    @operation(
        "conversations_list",
        summary="List conversations",
        tags=_TAGS,
        query=ConversationQuery,
        answers=page_serializer(ConversationSerializer),
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """Your conversations, the last used first; archived ones too unless you filter them out."""
        actor: Actor = request.actor
        filters = query_of(request, ConversationQuery)
        del filters["limit"]
        filters.pop("cursor", None)
        context = {"answering": agents.live_threads_of(actor.user_id)}
        rows = matching_conversations(actor, **filters)
        return page_of(request, rows, ConversationSerializer, order="-updated_at", context=context)

    @operation(
        "conversations_create",
        summary="Begin an empty conversation",
        tags=_TAGS,
        request=NewConversationSerializer,
        answers={201: ConversationSerializer},
        errors=(404,),
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """Begin a conversation without a message. To begin one with a message, start a run."""
        actor: Actor = request.actor
        changes: Any = body_of(request, NewConversationSerializer)

        def create() -> Response:
            conversation = services.create_conversation(actor, changes)
            place = reverse("api_conversation", args=[conversation.pk])
            return answer(request, shown_conversation(actor, conversation), status=201, headers={"Location": place})

        return once_by_key(request, create)


class ConversationView(APIView):
    """One conversation."""

    @operation(
        "conversations_retrieve",
        summary="Read a conversation",
        tags=_TAGS,
        answers=ConversationSerializer,
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """What it is called, where it is, and how it is set up; its messages have their own address."""
        query_of(request)
        return answer(
            request, shown_conversation(request.actor, conversation_for_reading(request.actor, conversation_id))
        )

    @operation(
        "conversations_update",
        summary="Change a conversation",
        tags=_TAGS,
        request=ConversationChangeSerializer,
        answers=ConversationSerializer,
        errors=(404,),
        is_tagged=True,
    )
    @transaction.atomic
    def patch(self, request: Request, conversation_id: UUID) -> Response:
        """Rename, pin, archive, mark as unread, move to a project or set up; what is left out stays."""
        actor: Actor = request.actor
        changes: Any = body_of(request, ConversationChangeSerializer)
        before = conversation_for_writing(actor, conversation_id)
        check_unchanged(request, lambda: shown_conversation(actor, before))
        after = services.change_conversation(actor, conversation_id=conversation_id, changes=changes)
        return answer(request, shown_conversation(actor, after))

    @operation(
        "conversations_delete",
        summary="Delete a conversation",
        tags=_TAGS,
        answers={204: None},
        errors=(404,),
        is_tagged=True,
    )
    @transaction.atomic
    def delete(self, request: Request, conversation_id: UUID) -> Response:
        """Delete it; for 30 days it can be restored."""
        actor: Actor = request.actor
        conversation = conversation_for_writing(actor, conversation_id)
        check_unchanged(request, lambda: shown_conversation(actor, conversation))
        services.delete_conversation(actor, conversation_id=conversation_id)
        return Response(status=204)


class ConversationRestoreView(APIView):
    """A deletion taken back."""

    @operation(
        "conversations_restore",
        summary="Restore a deleted conversation",
        tags=_TAGS,
        answers=ConversationSerializer,
        errors=(404,),
        is_repeatable=True,
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Take a deletion back within 30 days; one that is not deleted stays as it is."""
        actor: Actor = request.actor

        def restore() -> Response:
            conversation = services.restore_conversation(actor, conversation_id=conversation_id)
            return answer(request, shown_conversation(actor, conversation))

        return once_by_key(request, restore)
