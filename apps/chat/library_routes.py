"""Projects, prompts, presets, files and context by address, below /api/v1/."""

from django.urls import path

from apps.chat.api.presets import PresetsView, PresetView
from apps.chat.api.prompts import (
    PromptCopyView,
    PromptPreviewView,
    PromptRenderView,
    PromptRestoreView,
    PromptsView,
    PromptVersionsView,
    PromptView,
)

urlpatterns = [
    path("prompts", PromptsView.as_view(), name="api_prompts"),
    path("prompts/preview", PromptPreviewView.as_view(), name="api_prompt_preview"),
    path("prompts/<uuid:prompt_id>", PromptView.as_view(), name="api_prompt"),
    path("prompts/<uuid:prompt_id>/versions", PromptVersionsView.as_view(), name="api_prompt_versions"),
    path("prompts/<uuid:prompt_id>/restore", PromptRestoreView.as_view(), name="api_prompt_restore"),
    path("prompts/<uuid:prompt_id>/copy", PromptCopyView.as_view(), name="api_prompt_copy"),
    path("prompts/<uuid:prompt_id>/render", PromptRenderView.as_view(), name="api_prompt_render"),
    path("presets", PresetsView.as_view(), name="api_presets"),
    path("presets/<uuid:preset_id>", PresetView.as_view(), name="api_preset"),
]
