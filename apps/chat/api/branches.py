"""Branches of a conversation over REST: list them, choose the one being read, fork."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.access import conversation_for_reading, message_for_reading
from apps.chat.api.conversations import shown_conversation
from apps.chat.errors import MessageNotFound
from apps.chat.selectors.leaves import branches_of
from apps.chat.serializers.conversations import ConversationSerializer
from apps.chat.serializers.messages import BranchesSerializer, MessageNameSerializer
from apps.chat.services.branching import select_branch
from apps.chat.services.forking import fork_conversation
from olympus.kernel.actor import Actor
from olympus.kernel.ids import uuid7
from olympus.kernel.rest import answer, body_of, once_by_key, operation, query_of

_TAGS = ("branches",)


class BranchesView(APIView):
    """The branches of a conversation."""

    @operation(
        "conversations_branches_list",
        summary="List the branches of a conversation",
        tags=_TAGS,
        answers=BranchesSerializer,
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Each branch by its last message, the newest first."""
        query_of(request)
        branches = branches_of(conversation_for_reading(request.actor, conversation_id))
        return answer(request, BranchesSerializer({"results": branches}).data)


class BranchView(APIView):
    """The branch being read."""

    @operation(
        "conversations_branch_select",
        summary="Choose the branch being read",
        tags=_TAGS,
        request=MessageNameSerializer,
        answers=ConversationSerializer,
        errors=(404,),
    )
    @transaction.atomic
    def put(self, request: Request, conversation_id: UUID) -> Response:
        """Read the newest branch through a message from now on, in all open pages."""
        actor: Actor = request.actor
        message_id = body_of(request, MessageNameSerializer)["message"]
        if message_for_reading(actor, message_id).conversation_id != conversation_id:
            raise MessageNotFound
        select_branch(actor, client_id=uuid7().hex, message_id=message_id)
        return answer(request, shown_conversation(actor, conversation_for_reading(actor, conversation_id)))


class ForkView(APIView):
    """A conversation of its own."""

    @operation(
        "conversations_fork",
        summary="Fork a conversation",
        tags=_TAGS,
        request=MessageNameSerializer,
        answers={201: ConversationSerializer},
        errors=(404, 409),
        is_repeatable=True,
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Copy the branch down to a message into a new conversation."""
        actor: Actor = request.actor
        message_id = body_of(request, MessageNameSerializer)["message"]

        def fork() -> Response:
            fork_id = fork_conversation(actor, conversation_id=conversation_id, message_id=message_id)
            shown = shown_conversation(actor, conversation_for_reading(actor, fork_id))
            return answer(request, shown, status=201, headers={"Location": reverse("api_conversation", args=[fork_id])})

        return once_by_key(request, fork)
