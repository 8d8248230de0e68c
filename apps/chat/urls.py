"""Chat's pages by address."""

from django.urls import path

from apps.chat.views import chat, data, diagram, library, projects, rail, search, sharing

urlpatterns = [
    path("", chat.new_chat, name="new_chat"),
    path("c/<uuid:conversation_id>/", chat.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/messages/", chat.messages, name="messages"),
    path("c/<uuid:conversation_id>/fork/", chat.fork, name="fork"),
    path("rail/", rail.rail, name="rail"),
    path("archive/", rail.archive, name="archive"),
    path("search/", search.search, name="search"),
    path("attachments/<uuid:attachment_id>/", chat.attachment, name="attachment"),
    path("settings/data/", data.data, name="data"),
    path("c/<uuid:conversation_id>/file/", data.conversation_file, name="conversation_file"),
    path("s/<str:token>/", sharing.shared, name="shared"),
    path("s/<str:token>/files/<uuid:attachment_id>/", sharing.attachment, name="shared_file"),
    path("embed/diagram/", diagram.diagram_frame, name="diagram_frame"),
    path("projects/", projects.listing, name="projects"),
    path("projects/<uuid:project_id>/", projects.project, name="project"),
    path("prompts/", library.prompts, name="prompts"),
    path("prompts/new/", library.new_prompt, name="new_prompt"),
    path("prompts/presets/", library.presets, name="presets"),
    path("prompts/<uuid:prompt_id>/", library.prompt, name="prompt"),
]
