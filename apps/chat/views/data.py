"""The page of a person's data, and one conversation as a file."""

from io import BytesIO
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.facade import require_actor, require_person
from apps.chat.access import conversation_for_reading
from apps.chat.pages.sharing import link_url
from apps.chat.pages.transfers import data_page
from apps.chat.services.exporting import one_as_file
from olympus.kernel.actor import ActorRequest


@require_safe
@require_person
def data(request: ActorRequest) -> HttpResponse:
    """Import, export, and what is shared by link."""
    page = data_page(request.actor)
    links = [(link, link_url(request, link)) for link in page.links]
    return render(request, "chat/data.html", {"data": page, "links": links})


@require_safe
@require_actor
def conversation_file(request: ActorRequest, conversation_id: UUID) -> FileResponse:
    """One conversation to take away: Markdown to read, or JSON that is complete."""
    conversation = conversation_for_reading(request.actor, conversation_id)
    is_markdown = request.GET.get("format") != "json"
    file = one_as_file(conversation, is_markdown=is_markdown)
    response = FileResponse(
        BytesIO(file.content) if isinstance(file.content, bytes) else file.content,
        as_attachment=True,
        filename=file.name,
        content_type=file.media_type,
    )
    response["Cache-Control"] = "private, no-store"
    return response
