"""Chat's REST operations by address."""

from django.urls import path

from apps.chat.api.attachments import AttachmentsView, AttachmentView

urlpatterns = [
    path("attachments", AttachmentsView.as_view(), name="api_attachments"),
    path("attachments/<uuid:attachment_id>", AttachmentView.as_view(), name="api_attachment"),
]
