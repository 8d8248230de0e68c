"""Chat's REST operations by address."""

from django.urls import include, path

from apps.chat.api.attachments import AttachmentsView, AttachmentView
from apps.chat.api.search import SearchView

urlpatterns = [
    path("search", SearchView.as_view(), name="api_search"),
    path("", include("apps.chat.conversation_routes")),
    path("", include("apps.chat.library_routes")),
    path("", include("apps.chat.transfer_routes")),
    path("attachments", AttachmentsView.as_view(), name="api_attachments"),
    path("attachments/<uuid:attachment_id>", AttachmentView.as_view(), name="api_attachment"),
]
