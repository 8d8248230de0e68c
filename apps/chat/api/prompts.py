"""The prompt library over REST."""

from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.access.library import prompt_for_reading, prompt_for_writing, readable_prompts
from apps.chat.prompt_errors import ValuesInvalid
from apps.chat.selectors.library import prompt_view, prompt_views, prompts_named, versions_of
from apps.chat.serializers.library import (
    NewPromptSerializer,
    PreviewSerializer,
    PromptChangeSerializer,
    PromptSerializer,
    PromptVersionSerializer,
    RenderedSerializer,
    RestoreSerializer,
    ValuesSerializer,
)
from apps.chat.services import prompts
from olympus.kernel.actor import Actor
from olympus.kernel.rest import PageQuery, answer, check_unchanged, once_by_key, operation, page_of, query_of
from olympus.kernel.rest import page_serializer as page
from olympus.kernel.rest.query import body_of
from olympus.problems import MEDIA_TYPE, problem_of

TAGS = ["prompts"]


class PromptQuery(PageQuery):
    """Which prompts."""

    q = serializers.CharField(required=False, max_length=200, help_text="Words of the title or name.")
    is_own = serializers.BooleanField(required=False, help_text="Only yours, or only what others share.")


def _shown(actor: Actor, prompt: Any) -> dict[str, Any]:
    return dict(PromptSerializer(prompt_view(prompt, actor.user_id)).data)


class PromptsView(APIView):
    """The prompts one may use."""

    @operation(
        "prompts_list", summary="List prompts", tags=TAGS, query=PromptQuery, answers=page(PromptSerializer),
        is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List your prompts and those the organization shares, by name."""
        actor: Actor = request.actor
        query = query_of(request, PromptQuery)
        rows = prompts_named(readable_prompts(actor).select_related("owner"), query.get("q", ""))
        if "is_own" in query:
            own = {"owner_id": actor.user_id}
            rows = rows.filter(**own) if query["is_own"] else rows.exclude(**own)
        return page_of(
            request, rows, PromptSerializer, order="name", present=lambda found: prompt_views(found, actor.user_id)
        )

    @operation(
        "prompts_create", summary="Make a prompt", tags=TAGS, request=NewPromptSerializer,
        answers={201: PromptSerializer}, errors=(409, 429), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Store a prompt as its first version."""
        actor: Actor = request.actor
        body = body_of(request, NewPromptSerializer)
        return once_by_key(
            request, lambda: answer(request, _shown(actor, prompts.create_prompt(actor, **body)), status=201)
        )


class PromptView(APIView):
    """One prompt."""

    @operation(
        "prompts_retrieve", summary="Read a prompt", tags=TAGS, answers=PromptSerializer, errors=(404,), is_tagged=True
    )
    def get(self, request: Request, prompt_id: UUID) -> Response:
        """Show a prompt as it stands."""
        actor: Actor = request.actor
        return answer(request, _shown(actor, prompt_for_reading(actor, prompt_id)))

    @operation(
        "prompts_update", summary="Change a prompt", tags=TAGS, request=PromptChangeSerializer,
        answers=PromptSerializer, errors=(404, 409), is_tagged=True,
    )  # fmt: skip
    @transaction.atomic
    def patch(self, request: Request, prompt_id: UUID) -> Response:
        """Change what is given; another text or other variables make a new version."""
        actor: Actor = request.actor
        body = body_of(request, PromptChangeSerializer)
        check_unchanged(request, lambda: _shown(actor, prompt_for_writing(actor, prompt_id)))
        return answer(request, _shown(actor, prompts.change_prompt(actor, prompt_id=prompt_id, **body)))

    @operation("prompts_destroy", summary="Delete a prompt", tags=TAGS, answers={204: None}, errors=(404,))
    def delete(self, request: Request, prompt_id: UUID) -> Response:
        """Remove a prompt with all its versions."""
        actor: Actor = request.actor
        prompts.delete_prompt(actor, prompt_id=prompt_id)
        return Response(status=204)


class PromptVersionsView(APIView):
    """How a prompt came to be as it is."""

    @operation(
        "prompts_versions", summary="List a prompt's versions", tags=TAGS, query=PageQuery,
        answers=page(PromptVersionSerializer), errors=(404,), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, prompt_id: UUID) -> Response:
        """List the versions, newest first; of a prompt that somebody else shares only the one that is shared."""
        actor: Actor = request.actor
        query_of(request, PageQuery)
        rows = versions_of(prompt_for_reading(actor, prompt_id), actor.user_id)
        return page_of(request, rows, PromptVersionSerializer, order="-number")


class PromptRestoreView(APIView):
    """An older version, brought back."""

    @operation(
        "prompts_restore", summary="Restore a version", tags=TAGS, request=RestoreSerializer,
        answers=PromptSerializer, errors=(404,), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request, prompt_id: UUID) -> Response:
        """Make an older version the newest again; the ones between stay."""
        actor: Actor = request.actor
        number = body_of(request, RestoreSerializer)["number"]

        def restore() -> Response:
            return answer(request, _shown(actor, prompts.restore_version(actor, prompt_id=prompt_id, number=number)))

        return once_by_key(request, restore)


class PromptCopyView(APIView):
    """A prompt of one's own, made of another."""

    @operation(
        "prompts_copy", summary="Copy a prompt", tags=TAGS, answers={201: PromptSerializer}, errors=(404, 429),
        is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request, prompt_id: UUID) -> Response:
        """Make a prompt of your own out of one you may read."""
        actor: Actor = request.actor
        return once_by_key(
            request, lambda: answer(request, _shown(actor, prompts.copy_prompt(actor, prompt_id=prompt_id)), status=201)
        )


class PromptRenderView(APIView):
    """A prompt, filled in."""

    @operation(
        "prompts_render", summary="Fill a prompt in", tags=TAGS, request=ValuesSerializer,
        answers=RenderedSerializer, errors=(404,),
    )  # fmt: skip
    def post(self, request: Request, prompt_id: UUID) -> Response:
        """Put values into the text; a value that does not fit is told by `errors`, a sentence a variable."""
        actor: Actor = request.actor
        values = body_of(request, ValuesSerializer).get("values", {})
        return _rendered(lambda: prompts.render_prompt(actor, prompt_id=prompt_id, values=values))


class PromptPreviewView(APIView):
    """A prompt that is being written, filled in."""

    @operation(
        "prompts_preview", summary="Try a prompt", tags=TAGS, request=PreviewSerializer, answers=RenderedSerializer
    )
    def post(self, request: Request) -> Response:
        """Fill in a text that is not stored."""
        body = body_of(request, PreviewSerializer)
        text, variables, values = body["text"], body.get("variables", ()), body.get("values", {})
        return _rendered(lambda: prompts.preview_prompt(text, variables, values))


def _rendered(work: Any) -> Response:
    try:
        return Response({"text": work()})
    except ValuesInvalid as error:
        return Response({**problem_of(error), "errors": error.errors}, status=422, content_type=MEDIA_TYPE)
