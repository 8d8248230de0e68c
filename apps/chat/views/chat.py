"""The pages of conversations, and their files."""

from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.facade import require_actor
from apps.chat.access import attachment_for_reading
from apps.chat.pages import conversation_page, new_chat_page, turns_after
from olympus.kernel.actor import ActorRequest
from olympus.kernel.ids import parse_uuid


@require_safe
@require_actor
def new_chat(request: ActorRequest) -> HttpResponse:
    """The page on which a conversation begins."""
    return render(request, "chat/page.html", {"page": new_chat_page(request.actor)})


@require_safe
@require_actor
def conversation(request: ActorRequest, conversation_id: UUID) -> HttpResponse:
    """One conversation."""
    return render(request, "chat/page.html", {"page": conversation_page(request.actor, conversation_id)})


@require_safe
@require_actor
def messages_after(request: ActorRequest, conversation_id: UUID) -> HttpResponse:
    """The turns after a message, as the page itself shows them."""
    turns = turns_after(request.actor, conversation_id, parse_uuid(request.GET.get("after", "")))
    return render(request, "chat/turns.html", {"turns": turns})


@require_safe
@require_actor
def attachment(request: ActorRequest, attachment_id: UUID) -> FileResponse:
    """A file a person attached."""
    found = attachment_for_reading(request.actor, attachment_id)
    response = FileResponse(found.file.open("rb"), content_type=found.media_type, filename=found.name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
