"""Chat's pages by address."""

from django.urls import path

from apps.chat.views import chat, rail, search

urlpatterns = [
    path("", chat.new_chat, name="new_chat"),
    path("c/<uuid:conversation_id>/", chat.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/messages/", chat.messages, name="messages"),
    path("c/<uuid:conversation_id>/fork/", chat.fork, name="fork"),
    path("rail/", rail.rail, name="rail"),
    path("archive/", rail.archive, name="archive"),
    path("search/", search.search, name="search"),
    path("attachments/<uuid:attachment_id>/", chat.attachment, name="attachment"),
]
