"""Operations on imports, exports and share links by address."""

from django.urls import path

from apps.chat.api import sharing, transfers

urlpatterns = [
    path("imports", transfers.ImportsView.as_view(), name="api_imports"),
    path("exports", transfers.ExportsView.as_view(), name="api_exports"),
    path("transfers", transfers.TransfersView.as_view(), name="api_transfers"),
    path("transfers/<uuid:transfer_id>", transfers.TransferView.as_view(), name="api_transfer"),
    path("transfers/<uuid:transfer_id>/cancel", transfers.TransferCancelView.as_view(), name="api_transfer_cancel"),
    path("transfers/<uuid:transfer_id>/file", transfers.TransferFileView.as_view(), name="api_transfer_file"),
    path("share-links", sharing.ShareLinksView.as_view(), name="api_share_links"),
    path("share-links/<uuid:link_id>", sharing.ShareLinkView.as_view(), name="api_share_link"),
    path(
        "conversations/<uuid:conversation_id>/share-links",
        sharing.ConversationShareLinksView.as_view(),
        name="api_conversation_share_links",
    ),
]
