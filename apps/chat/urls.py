"""Chat's pages by address."""

from django.urls import path

from apps.chat import views

urlpatterns = [
    path("", views.new_chat, name="new_chat"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/messages/", views.messages_after, name="messages_after"),
    path("rail/", views.rail, name="rail"),
    path("attachments/<uuid:attachment_id>/", views.attachment, name="attachment"),
]
