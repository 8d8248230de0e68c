"""The pages of the prompt library; what is done there is done over REST."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.facade import require_actor
from apps.chat.pages.library import presets_page, prompt_page, prompts_page
from olympus.kernel.actor import ActorRequest
from olympus.kernel.text import clean_text


@require_safe
@require_actor
def prompts(request: ActorRequest) -> HttpResponse:
    """All prompts one may use."""
    shown = prompts_page(request.actor, clean_text(request.GET.get("q", "")).strip())
    return render(request, "chat/prompts.html", {"library": shown})


@require_safe
@require_actor
def new_prompt(request: ActorRequest) -> HttpResponse:
    """A prompt to be written."""
    return render(request, "chat/prompt.html", {"editor": prompt_page(request.actor, None)})


@require_safe
@require_actor
def prompt(request: ActorRequest, prompt_id: UUID) -> HttpResponse:
    """One prompt, to change or to read."""
    return render(request, "chat/prompt.html", {"editor": prompt_page(request.actor, prompt_id)})


@require_safe
@require_actor
def presets(request: ActorRequest) -> HttpResponse:
    """One's presets."""
    return render(request, "chat/presets.html", {"shelf": presets_page(request.actor)})
