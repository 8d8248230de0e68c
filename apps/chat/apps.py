"""Conversations: what people and models say to each other."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Conversations and their messages, over runs."""

    name = "apps.chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        from apps.agents.facade import register_host  # noqa: PLC0415 - after the models are loaded
        from apps.chat import frames  # noqa: PLC0415
        from apps.chat.events import TransferProgress  # noqa: PLC0415
        from apps.chat.hosting import StoredConversations, TemporaryConversations  # noqa: PLC0415
        from apps.chat.selectors.presets import presets_naming  # noqa: PLC0415
        from apps.chat.services import STORED_HOST, TEMPORARY_HOST  # noqa: PLC0415
        from apps.inference.facade import register_dependents  # noqa: PLC0415
        from olympus.kernel.live import register_event  # noqa: PLC0415

        register_host(STORED_HOST, StoredConversations())
        register_host(TEMPORARY_HOST, TemporaryConversations())
        register_dependents(presets_naming)
        frames.register()
        register_event(TransferProgress)
