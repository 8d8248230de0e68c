"""What prompts hold, over REST."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.inspecting import answer_prompt, coming_context, first_context
from apps.chat.serializers.context import ContextQuery, ContextSerializer, PromptOfAnswerSerializer
from olympus.kernel.actor import Actor
from olympus.kernel.rest import answer, operation, query_of


class MessagePromptView(APIView):
    """The prompt of an answer."""

    @operation(
        "messages_prompt", summary="Inspect an answer's prompt", tags=["messages"],
        answers=PromptOfAnswerSerializer, errors=(404,), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, message_id: UUID) -> Response:
        """Build the prompt of one of your answers again, part by part."""
        query_of(request)
        actor: Actor = request.actor
        return answer(request, PromptOfAnswerSerializer(answer_prompt(actor, message_id)).data)


class ConversationContextView(APIView):
    """What the next message's prompt would hold."""

    @operation(
        "conversations_context", summary="See what the next prompt would hold", tags=["conversations"],
        query=ContextQuery, answers=ContextSerializer, errors=(404,), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Tell how much of the context window is used before anything is written."""
        actor: Actor = request.actor
        query = query_of(request, ContextQuery)
        report = coming_context(actor, conversation_id, model=query.get("model", ""), project_id=query.get("project"))
        return answer(request, ContextSerializer(report).data)


class NewContextView(APIView):
    """What the first prompt of a conversation would hold."""

    @operation(
        "context", summary="See what a new conversation's prompt would hold", tags=["conversations"],
        query=ContextQuery, answers=ContextSerializer, errors=(404,), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Tell how much of the context window is used before a conversation has begun, perhaps in a project."""
        actor: Actor = request.actor
        query = query_of(request, ContextQuery)
        report = first_context(actor, model=query.get("model", ""), project_id=query.get("project"))
        return answer(request, ContextSerializer(report).data)
