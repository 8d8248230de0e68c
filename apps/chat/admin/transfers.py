"""Share links and transfers in the owners' admin: links can be ended, nothing of what they show is seen."""

from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.chat.admin.without_words import WithoutWords
from apps.chat.models import ShareLink, TransferJob
from apps.chat.services.sharing import revoke_for_others
from olympus.kernel.actor import Actor


@admin.register(ShareLink)
class ShareLinkAdmin(WithoutWords):
    """Who shares, until when; not what, and not where."""

    list_display = ["id", "created_at", "owner", "with_branches", "expires_at", "revoked_at"]
    list_filter: ClassVar = ["with_branches", ("revoked_at", admin.EmptyFieldListFilter), "expires_at", "created_at"]
    search_fields: ClassVar = ["=id", "=conversation__id", "owner__email"]
    fields: ClassVar = [
        "id", "owner", "organization", "conversation_id", "with_branches", "created_at", "expires_at", "revoked_at",
    ]  # fmt: skip
    readonly_fields: ClassVar = ["conversation_id"]
    actions = ["revoke"]

    @admin.action(description=_("Revoke: nobody reads by these links any more"), permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: "QuerySet[ShareLink]") -> None:
        """End the chosen links of the organization."""
        actor: Actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
        count = revoke_for_others(actor, link_ids=list(queryset.values_list("pk", flat=True)))
        said = ngettext("%(count)d link was revoked.", "%(count)d links were revoked.", count) % {"count": count}
        self.message_user(request, said, messages.SUCCESS if count else messages.WARNING)


@admin.register(TransferJob)
class TransferJobAdmin(WithoutWords):
    """How imports and exports went; a file's name and what was not taken are a person's own."""

    list_display = [
        "id", "created_at", "owner", "kind", "format", "state", "done_count", "skipped_count", "failed_count",
        "size_bytes", "error_message",
    ]  # fmt: skip
    list_filter: ClassVar = ["kind", "state", "format", "created_at"]
    search_fields: ClassVar = ["=id", "owner__email"]
    fields: ClassVar = [
        "id", "owner", "organization", "kind", "format", "state", "total_count", "done_count", "skipped_count",
        "failed_count", "size_bytes", "error_message", "created_at", "heartbeat_at", "finished_at",
    ]  # fmt: skip
