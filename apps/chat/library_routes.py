"""Projects, prompts, presets, files and context by address, below /api/v1/."""

from django.urls import path

from apps.chat.api.context import ConversationContextView, MessagePromptView, NewContextView
from apps.chat.api.presets import PresetsView, PresetView
from apps.chat.api.projects import (
    ProjectFilesView,
    ProjectFileView,
    ProjectMembersView,
    ProjectMemberView,
    ProjectRestoreView,
    ProjectsView,
    ProjectView,
)
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
    path("messages/<uuid:message_id>/prompt", MessagePromptView.as_view(), name="api_message_prompt"),
    path(
        "conversations/<uuid:conversation_id>/context",
        ConversationContextView.as_view(),
        name="api_conversation_context",
    ),
    path("context", NewContextView.as_view(), name="api_new_context"),
    path("projects", ProjectsView.as_view(), name="api_projects"),
    path("projects/<uuid:project_id>", ProjectView.as_view(), name="api_project"),
    path("projects/<uuid:project_id>/restore", ProjectRestoreView.as_view(), name="api_project_restore"),
    path("projects/<uuid:project_id>/files", ProjectFilesView.as_view(), name="api_project_files"),
    path("projects/<uuid:project_id>/files/<uuid:file_id>", ProjectFileView.as_view(), name="api_project_file"),
    path("projects/<uuid:project_id>/members", ProjectMembersView.as_view(), name="api_project_members"),
    path("projects/<uuid:project_id>/members/<uuid:user_id>", ProjectMemberView.as_view(), name="api_project_member"),
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
