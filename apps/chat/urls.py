"""Chat's pages by address."""

from django.urls import path

from apps.chat.views import chat, rail

urlpatterns = [
    path("", chat.new_chat, name="new_chat"),
    path("c/<uuid:conversation_id>/", chat.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/messages/", chat.messages_after, name="messages_after"),
    path("rail/", rail.rail, name="rail"),
    path("attachments/<uuid:attachment_id>/", chat.attachment, name="attachment"),
]
