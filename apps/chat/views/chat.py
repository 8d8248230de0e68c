"""The pages of conversations, and their files."""

from uuid import UUID

from django.http import FileResponse, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.facade import require_actor
from apps.chat.access import attachment_for_reading
from apps.chat.engine.windows import Ask, AskKind
from apps.chat.pages import conversation_page, new_chat_page, turns_in
from apps.chat.services import fork_conversation
from olympus.kernel.actor import ActorRequest
from olympus.kernel.ids import parse_uuid

# The window a query asks for; of several the first counts.
_ASKS = {
    "after": AskKind.AFTER,
    "before": AskKind.BEFORE,
    "around": AskKind.AROUND,
    "from": AskKind.FROM,
}
# Deeper than any conversation is.
_MAX_DEPTH = 2**31 - 1
_NOBODY = UUID(int=0)


@require_safe
@require_actor
def new_chat(request: ActorRequest) -> HttpResponse:
    """The page on which a conversation begins, perhaps in a project."""
    project_id = parse_uuid(request.GET.get("project", ""))
    return render(request, "chat/page.html", {"page": new_chat_page(request.actor, project_id)})


@require_safe
@require_actor
def conversation(request: ActorRequest, conversation_id: UUID) -> HttpResponse:
    """One conversation, at its newest message or around the one named."""
    message_id = parse_uuid(request.GET.get("m", ""))
    return render(request, "chat/page.html", {"page": conversation_page(request.actor, conversation_id, message_id)})


@require_safe
@require_actor
def messages(request: ActorRequest, conversation_id: UUID) -> HttpResponse:
    """A window of turns, as the page itself shows them."""
    turns, window = turns_in(request.actor, conversation_id, _ask(request.GET))
    return render(request, "chat/turns.html", {"turns": turns, "window": window})


@require_POST
@require_actor
def fork(request: ActorRequest, conversation_id: UUID) -> HttpResponse:
    """A conversation of its own, of what is said down to a message, or of the whole branch being read.

    A form sent twice with one `client_id` makes one copy.
    """
    named = request.POST.get("message")
    message_id = (parse_uuid(named) or _NOBODY) if named else None
    client_id = request.POST.get("client_id") or None
    new_id = fork_conversation(
        request.actor, conversation_id=conversation_id, message_id=message_id, client_id=client_id
    )
    return HttpResponseRedirect(reverse("conversation", args=[new_id]), status=303)


def _ask(query: QueryDict) -> Ask:
    """A name that is no message's finds none; it must not be taken for no name at all."""
    named = {name: parse_uuid(value) or _NOBODY for name in ("leaf", *_ASKS) if (value := query.get(name))}
    leaf = named.pop("leaf", None)
    for name, message_id in named.items():
        return Ask(_ASKS[name], message_id, leaf=leaf)
    depth = query.get("at", "")
    if depth.isdecimal() and len(depth) <= 10:
        return Ask(AskKind.AT, depth=min(int(depth), _MAX_DEPTH), leaf=leaf)
    return Ask(leaf=leaf)


@require_safe
@require_actor
def attachment(request: ActorRequest, attachment_id: UUID) -> FileResponse:
    """A file a person attached."""
    found = attachment_for_reading(request.actor, attachment_id)
    response = FileResponse(found.file.open("rb"), content_type=found.served_as, filename=found.name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # A file never changes; but whoever leaves a project may no longer read what it has.
    response["Cache-Control"] = "private, no-store" if found.project_id else "private, max-age=31536000, immutable"
    return response
